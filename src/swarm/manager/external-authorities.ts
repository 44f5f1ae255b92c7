import type { CaConfig } from '../../model/specs.ts';

/** The addresses of the authorities that sign for that root; one that names no root signs for the one in force (SwarmKit: filterExternalCAURLS). */
export const externalUrls = (
  { ExternalCAs = [] }: CaConfig,
  wanted: string,
  inForce: string,
): readonly string[] =>
  ExternalCAs.filter(
    ({ CACert = '' }) => (CACert === '' ? inForce : CACert).trim() === wanted.trim(),
  ).map(({ URL }) => URL);
