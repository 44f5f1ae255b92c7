/** Makes the one file that a twin node runs: the daemon with its libraries, without what a node never uses. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { SwarmtwinError } from '../../model/errors.ts';

/**
 * dockerode can reach an engine over ssh and drive image builds over gRPC. A node does neither: its engine is on a unix socket. Left out they save
 * about half of the daemon's code, and native files that cannot be bundled.
 */
const NEVER_USED = /^(ssh2|cpu-features|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs)$/;

/** CommonJS libraries inside an ES module want a `require`. */
const BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

export interface TwinBundle {
  readonly path: string;
  /** Whether it was there already. */
  readonly reused: boolean;
}

/** The bundle in `folder`, made anew when its content changed. Errors: `image-failed` with esbuild's own words. */
export async function ensureTwinBundle(projectRoot: string, folder: string): Promise<TwinBundle> {
  const content = await bundle(projectRoot);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const path = join(folder, `twin-${hash}.mjs`);
  if ((await readIfThere(path)) === content) return { path, reused: true };
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (caught) {
    await rm(draft, { force: true });
    throw SwarmtwinError.from(caught, 'disk-full', `writing ${path}`, 'Make room on that disk.');
  }
  return { path, reused: false };
}

async function bundle(projectRoot: string): Promise<string> {
  try {
    const result = await build({
      entryPoints: [join(projectRoot, 'src/host/daemon/main.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      minifySyntax: true,
      minifyWhitespace: true,
      keepNames: false,
      legalComments: 'none',
      write: false,
      logLevel: 'silent',
      banner: { js: BANNER },
      plugins: [neverUsed],
    });
    return result.outputFiles[0]?.text ?? '';
  } catch (caught) {
    throw SwarmtwinError.from(
      caught,
      'image-failed',
      'bundling the twin daemon',
      'Mend the source that esbuild names.',
    );
  }
}

const neverUsed: Plugin = {
  name: 'never-used',
  setup(current) {
    current.onResolve({ filter: NEVER_USED }, ({ path }) => ({ path, namespace: 'never-used' }));
    current.onLoad({ filter: /.*/, namespace: 'never-used' }, () => ({
      contents: 'module.exports = {};',
      loader: 'js',
    }));
  },
};

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw caught;
  }
}
