/** The proxy that stands on every link of a lab. */

import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withScratchFolder } from '../engine/scratch-folder.ts';
import { NODE_FOLDER, TOXIPROXY_FILE, TOXIPROXY_VERSION } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';
import { build, pulled } from './image-run.ts';
import type { ImageRun } from './image-run.ts';

/** Where Linux distributions keep the authorities a machine trusts; Go looks there too. */
const TRUST_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/** Pulls it where a registry answers; builds it from its Go module where none does. `base` is asked for only then. */
export async function makeToxiproxy(
  run: ImageRun,
  catalogue: Catalogue,
  base: () => Promise<string>,
): Promise<void> {
  const name = catalogue.toxiproxy;
  if (await pulled(run, `ghcr.io/shopify/toxiproxy:${TOXIPROXY_VERSION}`, name)) return;
  const from = await base();
  await withScratchFolder(async (scratch) => {
    copyFileSync(join(NODE_FOLDER, TOXIPROXY_FILE), join(scratch, 'Dockerfile'));
    copyTrust(join(scratch, 'host-ca.crt'));
    await build(run, {
      folder: scratch,
      tag: name,
      args: {
        BASE: from,
        STAGE: run.stage,
        VERSION: TOXIPROXY_VERSION,
        ...fromEnvironment('GOPROXY'),
        ...fromEnvironment('GOSUMDB'),
      },
    });
  });
}

function copyTrust(path: string): void {
  const named = process.env['SSL_CERT_FILE'];
  const source = [...(named === undefined ? [] : [named]), ...TRUST_FILES].find((file) =>
    existsSync(file),
  );
  if (source === undefined) writeFileSync(path, '');
  else copyFileSync(source, path);
}

function fromEnvironment(name: string): Record<string, string> {
  const value = process.env[name];
  return value === undefined ? {} : { [name]: value };
}
