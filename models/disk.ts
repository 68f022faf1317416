import path from 'node:path';
import { TicketwiseError } from '../errors.ts';

/** What the system says when a disk, or a person's share of it, has no room. */
const FULL = ['ENOSPC', 'EDQUOT'];

/**
 * Does work that writes files.
 * @param what is written, for the message
 * @param dir folder that it is written into
 * @param bytes what all of it needs
 * @throws `disk_full` where there is no room; it is up to the work to leave nothing half-written
 */
export async function orDiskFull<T>(what: string, dir: string, bytes: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && FULL.includes(String(cause.code)))) throw cause;
    throw new TicketwiseError(
      'disk_full',
      `The disk is full: ${what} needs ${bytes.toLocaleString('en')} bytes, and ${path.relative('.', dir) || '.'} has no room for them. Free some space, or name a folder on another disk.`,
      { cause },
    );
  }
}
