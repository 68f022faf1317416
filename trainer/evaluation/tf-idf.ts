/** Rows of a sparse matrix: row `i` has `values[k]` in column `indices[k]` for each `k` from `starts[i]` to `starts[i + 1]`. */
export type SparseRows = { starts: Int32Array; indices: Int32Array; values: Float32Array };

/** A fitted TF-IDF: turns texts into rows of `width` columns. */
export type TfIdf = { width: number; transform(texts: readonly string[]): SparseRows };

/** One family of terms, with the first of its columns, and each term's column and inverse document frequency. */
type Block = { first: number; columns: Map<string, number>; idf: number[]; termsOf: (text: string) => string[] };

/** Lengths of character n-grams. */
const CHARACTERS = { from: 2, to: 5 };

/**
 * Fits TF-IDF to texts: words and pairs of words beside character n-grams within words, term frequency damped to
 * `1 + ln tf`, smoothed `idf = ln((1 + n) / (1 + df)) + 1`; each of the two blocks has length 1 in a row
 * (`TfidfVectorizer(sublinear_tf=True)` of scikit-learn with `ngram_range=(1, 2)`, and with `analyzer='char_wb'`).
 */
export function fitTfIdf(texts: readonly string[]): TfIdf {
  const words = fitBlock(texts, 0, wordTerms);
  const blocks = [words, fitBlock(texts, words.columns.size, characterTerms)];
  return {
    width: blocks.reduce((sum, block) => sum + block.columns.size, 0),
    transform(some) {
      const [starts, indices, values]: [number[], number[], number[]] = [[0], [], []];
      for (const text of some) {
        for (const block of blocks) append(block, text, indices, values);
        starts.push(indices.length);
      }
      return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float32Array.from(values) };
    },
  };
}

/** Words of a text in lower case, and each pair that stands side by side. */
export function wordTerms(text: string): string[] {
  const words = wordsOf(text);
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}

/** Substrings of each word with a space at either end. */
export function characterTerms(text: string): string[] {
  const terms: string[] = [];
  for (const word of wordsOf(text)) {
    const padded = ` ${word} `;
    for (let length = CHARACTERS.from; length <= CHARACTERS.to; length++) {
      for (let i = 0; i + length <= padded.length; i++) terms.push(padded.slice(i, i + length));
    }
  }
  return terms;
}

/** Cosine-like similarity of one row with every row: their inner products. */
export function innerProducts(rows: SparseRows, query: SparseRows, at: number, width: number): Float32Array {
  const dense = new Float32Array(width);
  for (let k = query.starts[at] ?? 0; k < (query.starts[at + 1] ?? 0); k++) dense[query.indices[k] ?? 0] = query.values[k] ?? 0;
  const { starts, indices, values } = rows;
  return Float32Array.from({ length: starts.length - 1 }, (_, i) => {
    let sum = 0;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++)
      sum += (values[k] as number) * (dense[indices[k] as number] as number);
    return sum;
  });
}

function fitBlock(texts: readonly string[], first: number, termsOf: Block['termsOf']): Block {
  const columns = new Map<string, number>();
  const documents: number[] = [];
  for (const text of texts) {
    for (const term of new Set(termsOf(text))) {
      const column = columns.get(term);
      if (column === undefined) {
        columns.set(term, documents.length);
        documents.push(1);
      } else documents[column] = (documents[column] ?? 0) + 1;
    }
  }
  return { first, columns, idf: documents.map((df) => Math.log((1 + texts.length) / (1 + df)) + 1), termsOf };
}

/** Appends the columns and values of a text's terms. */
function append({ first, columns, idf, termsOf }: Block, text: string, indices: number[], values: number[]): void {
  const counts = new Map<number, number>();
  for (const term of termsOf(text)) {
    const column = columns.get(term);
    if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  const from = values.length;
  let squares = 0;
  for (const [column, tf] of counts) {
    const value = (1 + Math.log(tf)) * (idf[column] ?? 0);
    indices.push(first + column);
    values.push(value);
    squares += value * value;
  }
  for (let k = from; k < values.length; k++) values[k] = (values[k] as number) / Math.sqrt(squares);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
