/** Decides what can be done on a machine where no Docker engine answers. */

/** The fields of /etc/os-release that matter, see os-release(5). */
export interface OsRelease {
  /** `debian`, `ubuntu`, …; `linux` where the file says nothing. */
  readonly id: string;
  readonly codename: string;
  readonly prettyName: string;
}

/** Parses /etc/os-release: shell assignments, quoted or not. */
export function parseOsRelease(text: string): OsRelease {
  const field = (name: string): string =>
    new RegExp(`^${name}=(["']?)(.*)\\1\\s*$`, 'm').exec(text)?.[2] ?? '';
  return {
    id: field('ID') || 'linux',
    codename: field('VERSION_CODENAME'),
    prettyName: field('PRETTY_NAME') || field('NAME') || 'an unknown system',
  };
}

export interface Machine {
  readonly os: OsRelease;
  readonly platform: string;
  readonly isRoot: boolean;
  /** Whether the program dockerd is there, running or not. */
  readonly hasDockerd: boolean;
  /** Whether systemd runs here; it then looks after dockerd. */
  readonly hasSystemd: boolean;
}

export type SetUpPlan =
  | { readonly kind: 'install' }
  | { readonly kind: 'start' }
  | { readonly kind: 'refuse'; readonly why: string; readonly next: string };

/** Whether this is a distribution whose packages we know. */
export const isDebianLike = (os: OsRelease): boolean => os.id === 'debian' || os.id === 'ubuntu';

/** What to do when no engine answers: install one, start the one that is there, or say what the person has to type. */
export function planSetUp(machine: Machine): SetUpPlan {
  if (machine.platform !== 'linux')
    return refuse(
      `no Docker engine answers, and on ${machine.platform} swarmtwin does not install one`,
      'Start Docker Desktop or another Docker engine, or set DOCKER_HOST to one.',
    );
  if (machine.hasDockerd) {
    if (machine.isRoot) return { kind: 'start' };
    return refuse(
      'dockerd is installed but does not run, and only root may start it',
      machine.hasSystemd
        ? 'Type: sudo systemctl start docker'
        : 'Type: sudo sh -c "dockerd > /var/log/dockerd.log 2>&1 &"',
    );
  }
  if (!isDebianLike(machine.os))
    return refuse(
      `no Docker engine on ${machine.os.prettyName}, and swarmtwin installs one on Debian and Ubuntu only`,
      "Install Docker with your distribution's package manager and start it, or set DOCKER_HOST to an engine.",
    );
  if (machine.isRoot) return { kind: 'install' };
  return refuse(
    'no Docker engine here, and only root may install one',
    'Type: sudo apt-get update && sudo apt-get install -y docker.io && sudo usermod -aG docker "$USER", then log in again.',
  );
}

const refuse = (why: string, next: string): SetUpPlan => ({ kind: 'refuse', why, next });
