import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';

/** Writes what a container's archive holds into a folder, with tar. Rejects where tar fails or the archive breaks off. */
export async function unpack(archive: NodeJS.ReadableStream, folder: string): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '-x'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', resolve);
  });
  await pipeline(archive, tar.stdin);
  const code = await ended;
  if (code !== 0) throw new Error(`tar ended with ${String(code)}`);
}
