/** What went wrong, as a word a program can test. */
export type ErrorCode =
  | 'bad_config'
  | 'bad_data'
  | 'bad_model'
  | 'bad_text'
  | 'bad_usage'
  | 'unreachable'
  | 'not_allowed'
  | 'not_found'
  | 'interrupted'
  | 'disk_full'
  | 'job_failed';

/**
 * An error for a person: names the thing, what was expected, what came and what to do.
 * Anything else that is thrown is a defect and keeps its stack trace.
 */
export class TicketwiseError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'TicketwiseError';
    this.code = code;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
