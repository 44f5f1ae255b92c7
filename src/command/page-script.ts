/** The page's own code as one script. */
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { PROJECT_ROOT } from './project.ts';

/** Bundled from src/page in some milliseconds, so that a page is always of the code that made it. */
export function pageScript(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(PROJECT_ROOT, 'src/page/main.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
