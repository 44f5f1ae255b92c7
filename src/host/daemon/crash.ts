/** What the twin writes when it breaks. Node's own report shows every property of what was thrown and of its causes: a request, say, and with it whatever it carries. */
import { writeSync } from 'node:fs';

/** As a Go program that panics. */
const EXIT_CODE = 2;
const STDERR = 2;

/** From now on an error that nobody takes ends the process, and only its kind, its text and where it was thrown are written. */
export function tellCrashesPlainly(): void {
  const tell = (thrown: unknown): void => {
    writeSync(STDERR, crashText(thrown));
    process.exit(EXIT_CODE);
  };
  process.on('uncaughtException', tell);
  process.on('unhandledRejection', tell);
}

export function crashText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `panic: ${typeof thrown}\n`;
  return `panic: ${thrown.stack ?? `${thrown.name}: ${thrown.message}`}\n`;
}
