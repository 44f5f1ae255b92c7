/** What a new certificate configuration makes of the swarm's root (SwarmKit: controlapi, validateCAConfig). */
import { isSwarmError, SwarmError } from '../../model/errors.ts';
import type { ClusterRoot } from '../../model/objects.ts';
import { failed, ok, type Done } from '../../model/result.ts';
import type { CaConfig } from '../../model/specs.ts';
import type { Authority, RootCa } from '../manager/authority.ts';
import { externalUrls } from '../manager/external-authorities.ts';

export type RootAuthority = Pick<
  Authority,
  'createRoot' | 'crossSign' | 'checkRoot' | 'reachesAny'
>;

/**
 * The root as it should be: as it is, or with a rotation to another one begun, replaced or called off.
 * Errors: InvalidArgument for a configuration that cannot be; what is thrown is an answer as well.
 */
export function changeRoot(
  authority: RootAuthority,
  root: ClusterRoot,
  config: CaConfig,
  done: Done<ClusterRoot>,
): void {
  const { SigningCACert = '', SigningCAKey = '', ForceRotate = 0 } = config;
  if (SigningCAKey !== '' && SigningCACert === '')
    throw invalid('if a signing CA key is provided, the signing CA cert must also be provided');
  const isOwn = SigningCACert.trim() === root.certificate.trim() && SigningCAKey !== '';
  const change = (): void => {
    if (SigningCACert !== '') bring(authority, root, config, done);
    else if ((root.lastForcedRotation ?? 0) === ForceRotate) done(ok(root));
    else
      authority.createRoot((made) => {
        if (made.ok) begin(authority, root, made.value, ForceRotate, done);
        else done(failed(new SwarmError('Internal', made.error.message)));
      });
  };
  if (root.key !== '' || isOwn) change();
  else needExternal(authority, config, { root, certificate: root.certificate }, done, change);
}

/** A root that comes with its key is taken; one without needs an authority elsewhere that has it. */
function bring(
  authority: RootAuthority,
  root: ClusterRoot,
  config: CaConfig,
  done: Done<ClusterRoot>,
): void {
  const { SigningCACert: certificate = '', SigningCAKey: key = '', ForceRotate = 0 } = config;
  const wanted = authority.checkRoot({ certificate, key });
  const take = (): void => {
    try {
      adopt(authority, root, wanted, ForceRotate, done);
    } catch (caught) {
      if (!isSwarmError(caught)) throw caught;
      done(failed(caught));
    }
  };
  if (key !== '') take();
  else needExternal(authority, config, { root, certificate: wanted.certificate }, done, take);
}

/** Goes on where an authority elsewhere signs for that root and is there. */
function needExternal(
  authority: RootAuthority,
  config: CaConfig,
  { root, certificate }: { readonly root: ClusterRoot; readonly certificate: string },
  done: Done<ClusterRoot>,
  next: () => void,
): void {
  const urls = externalUrls(config, certificate, root.certificate);
  authority.reachesAny({ urls, trusted: certificate }, (isReached) => {
    if (isReached) next();
    else done(failed(noExternal(certificate === root.certificate ? 'current' : 'desired')));
  });
}

/** Moves to a root that somebody brought. The one in force calls a rotation off; the one that is being moved to only gets its key. */
function adopt(
  authority: RootAuthority,
  root: ClusterRoot,
  wanted: RootCa,
  lastForcedRotation: number,
  done: Done<ClusterRoot>,
): void {
  const { certificate, key } = wanted;
  const { rotation } = root;
  if (certificate === root.certificate) done(ok({ certificate, key, lastForcedRotation }));
  else if (key !== '' && key === root.key)
    throw invalid('Cannot update to a cert with an identical key');
  else if (rotation?.certificate === certificate)
    done(ok({ ...root, rotation: { ...rotation, key }, lastForcedRotation }));
  else begin(authority, root, wanted, lastForcedRotation, done);
}

/** The root in force signs the new one, also where it is on its way to a third. */
function begin(
  authority: RootAuthority,
  root: ClusterRoot,
  next: RootCa,
  lastForcedRotation: number,
  done: Done<ClusterRoot>,
): void {
  if (root.key === '' && next.key === '')
    throw invalid('rotating from one external CA to a different external CA is not supported');
  authority.crossSign(root, next.certificate, (signed) => {
    if (signed.ok) {
      const rotation = { ...next, crossSigned: signed.value };
      const { certificate, key } = root;
      done(ok({ certificate, key, rotation, lastForcedRotation }));
    } else {
      const text = 'unable to generate a cross-signed certificate for root rotation';
      done(failed(new SwarmError('Internal', text)));
    }
  });
}

const invalid = (text: string): SwarmError => new SwarmError('InvalidArgument', text);

const noExternal = (which: 'current' | 'desired'): SwarmError =>
  invalid(
    `there must be at least one valid, reachable external CA corresponding to the ${which} CA certificate`,
  );
