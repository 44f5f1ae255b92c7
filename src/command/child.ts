import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project.ts';

/** Runs one of the project's own tools in the project's folder, with its output on ours; the answer is its exit code. */
export function runTool(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const bin = join(PROJECT_ROOT, 'node_modules', '.bin');
  const child = spawn(command, args, {
    cwd: PROJECT_ROOT,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...env },
  });
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Jest, as this project runs it: sources as they are, native ES modules. */
export const runJest = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  runTool(
    'node',
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(PROJECT_ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...args,
    ],
    env,
  );
