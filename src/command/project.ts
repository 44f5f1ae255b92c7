import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, wherever the command was typed. */
export const PROJECT_ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The project's own Node, which runs everything, and which the twin's nodes get. */
export const NODE_BINARY = join(PROJECT_ROOT, 'node_modules', 'node', 'bin', 'node');

export const REPORTS = join(PROJECT_ROOT, 'reports');
/** What is made and can be made again. */
export const DIST = join(PROJECT_ROOT, 'dist');
