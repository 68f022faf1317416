/** What of a block is not known by its type. */
export type Fields = Record<string, unknown>;

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}

export function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
