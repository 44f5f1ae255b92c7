/** Secrets and configs as they are posted, kept and shown (moby: convert.SecretSpecToGRPC, ConfigSpecToGRPC and back). */
import type { Config, Secret } from '../model/objects.ts';
import type { ConfigSpec, Driver, Labels, SecretSpec } from '../model/specs.ts';
import { decodeBase64, encodeBase64 } from '../model/base64.ts';
import { compact, labels, text, type Posted } from './posted.ts';
import { renderMeta } from './render-service.ts';

export const convertSecretSpec = (posted: Posted<SecretSpec>): SecretSpec =>
  compact<SecretSpec>({
    Name: posted.Name ?? '',
    Labels: (posted.Labels ?? {}) as Labels,
    Data: dataOf(posted.Data),
    Driver: convertDriver(posted.Driver),
    Templating: convertDriver(posted.Templating),
  });

export const convertConfigSpec = (posted: Posted<ConfigSpec>): ConfigSpec =>
  compact<ConfigSpec>({
    Name: posted.Name ?? '',
    Labels: (posted.Labels ?? {}) as Labels,
    Data: dataOf(posted.Data),
    Templating: convertDriver(posted.Templating),
  });

/** As `GET /secrets/{id}` shows it; the control plane has taken a secret's data away. */
export const renderData = ({ id, meta, spec }: Secret | Config): Record<string, unknown> => ({
  ID: id,
  ...renderMeta(meta),
  Spec: spec,
});

const convertDriver = (posted: Posted<Driver> | undefined): Driver | undefined =>
  posted === undefined
    ? undefined
    : compact<Driver>({
        Name: text(posted.Name),
        Options: labels(posted.Options as Labels | undefined),
      });

/** The one way to write these bytes: without line ends, and without bits that no byte has. Empty data is none, as on Swarm's wire. */
function dataOf(posted: string | undefined): string | undefined {
  const digits = (posted ?? '').replace(/[\r\n]/g, '');
  const last = decodeBase64(digits.slice(-4)) ?? [];
  return text(digits.slice(0, -4) + encodeBase64(last));
}
