import path from 'node:path';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { messageOf, TicketwiseError } from '../errors.ts';

/** Turns text into token ids, `[CLS]` and `[SEP]` included, cut to the model's length. */
export type Tokenize = (text: string) => number[];

/**
 * Opens the tokenizer of a model or checkpoint folder. Of longer texts the first tokens count; `[SEP]` stays at the end.
 * @param maxTokens tokens a text is cut to
 * @throws `bad_model`
 */
export async function openTokenizer(dir: string, maxTokens: number): Promise<Tokenize> {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(path.resolve(dir), { local_files_only: true }).catch((cause: unknown) => {
    throw new TicketwiseError('bad_model', `The tokenizer in ${dir} cannot be opened: ${messageOf(cause)}`, { cause });
  });
  return (text) => {
    const ids = tokenizer.encode(text);
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1) as number];
  };
}
