import pc from 'picocolors';
import { isToolError, messageOf, TOOL_ERRORS } from '../model/errors.ts';

/** Progress goes to standard error, one line a step, so that standard output holds results only. */
export const progress = (line: string): void => {
  process.stderr.write(`${pc.dim('swarmtwin:')} ${line}\n`);
};

export const print = (...lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};

/** Says what went wrong and what to do, and gives the exit code. Errors that nobody foresaw come with their stack. */
export function sayError(caught: unknown): number {
  if (isUsageError(caught)) {
    process.stderr.write(`${pc.red('swarmtwin:')} ${caught.message}\n`);
    process.stderr.write(`${pc.red('swarmtwin:')} See the command's --help.\n`);
    return TOOL_ERRORS['bad-usage'].exitCode;
  }
  if (isFileError(caught)) {
    process.stderr.write(`${pc.red('swarmtwin:')} ${caught.message}\n`);
    process.stderr.write(
      `${pc.red('swarmtwin:')} Look whether that path is right, and whether this user may read and write there.\n`,
    );
    return TOOL_ERRORS['bad-usage'].exitCode;
  }
  if (!isToolError(caught)) {
    process.stderr.write(`${pc.red('swarmtwin:')} ${stackOf(caught)}\n`);
    return TOOL_ERRORS.internal.exitCode;
  }
  process.stderr.write(`${pc.red('swarmtwin:')} ${caught.message}\n`);
  process.stderr.write(`${pc.red('swarmtwin:')} ${caught.next}\n`);
  return TOOL_ERRORS[caught.code].exitCode;
}

/** An option that there is not, or a value too many: node:util's parseArgs says so itself. */
const isUsageError = (caught: unknown): caught is Error =>
  caught instanceof Error &&
  'code' in caught &&
  typeof caught.code === 'string' &&
  caught.code.startsWith('ERR_PARSE_ARGS_');

/** The system refused a file or a folder: no rights, no room, something else in its place. */
const isFileError = (caught: unknown): caught is Error =>
  caught instanceof Error &&
  'errno' in caught &&
  'path' in caught &&
  typeof caught.path === 'string' &&
  'code' in caught &&
  ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(
    String(caught.code),
  );

const stackOf = (caught: unknown): string =>
  caught instanceof Error ? (caught.stack ?? caught.message) : messageOf(caught);
