/** `daemon`: what a manager's daemon takes at rest. For real Swarm that is dockerd; for the twin its Node process, without the dockerd behind it. */
import type { Lab, LabNode } from '../lab/lab.ts';
import { runIn } from '../lab/node-exec.ts';
import { SwarmtwinError } from '../model/errors.ts';
import type { BenchContext } from './context.ts';
import { bothAtOnce, pause } from './context.ts';
import type { BenchSubject, Metric } from './readings.ts';
import { untilWhole } from './swarm-calls.ts';

const REST_MS = 60_000;
const WINDOW_MS = 60_000;

const MIB: Pick<Metric, 'unit' | 'aims'> = { unit: 'MiB', aims: { twin: 100 } };
const SHARE: Pick<Metric, 'unit' | 'aims'> = { unit: '% of a core', aims: { twin: 2 } };

/** The leader apart, of the followers the bigger one. */
export const FOOTPRINT: Readonly<
  Record<'leaderRss' | 'followerRss' | 'leaderCpu' | 'followerCpu', Metric>
> = {
  leaderRss: { name: 'daemon.rss-leader', ...MIB },
  followerRss: { name: 'daemon.rss-follower', ...MIB },
  leaderCpu: { name: 'daemon.cpu-leader', ...SHARE },
  followerCpu: { name: 'daemon.cpu-follower', ...SHARE },
};

/** Lets two fresh swarms rest for a minute, then looks at the daemons of both at the end of one-minute windows. */
export async function measureFootprint(context: BenchContext): Promise<void> {
  const { progress, samples } = context;
  const pair = await context.pair();
  progress(`daemon: both swarms rest for ${REST_MS / 1000} s`);
  await pause(REST_MS);
  for (let round = 0; round < samples; round += 1) {
    await bothAtOnce(pair, (lab, subject) => lookOnce(context, lab, subject));
    progress(`daemon ${round + 1}/${samples}: a window of ${WINDOW_MS / 1000} s at rest`);
  }
}

interface Usage {
  readonly rssMiB: number;
  readonly cpuSeconds: number;
  readonly atMs: number;
}

async function lookOnce(context: BenchContext, lab: Lab, subject: BenchSubject): Promise<void> {
  const [first] = lab.nodes;
  if (first === undefined) return;
  const leader = await untilWhole(lab, first, 60_000);
  const before = await Promise.all(lab.nodes.map((node) => usageOf(node, subject)));
  await pause(WINDOW_MS);
  const seen = await Promise.all(
    lab.nodes.map(async (node, at) => {
      const after = await usageOf(node, subject);
      const start = before[at] ?? after;
      const seconds = (after.atMs - start.atMs) / 1000;
      const cpuPercent = ((after.cpuSeconds - start.cpuSeconds) / seconds) * 100;
      return { leads: node === leader, rssMiB: after.rssMiB, cpuPercent };
    }),
  );
  const most = (leads: boolean, of: 'rssMiB' | 'cpuPercent'): number =>
    Math.max(...seen.filter((each) => each.leads === leads).map((each) => each[of]));
  const { readings } = context;
  readings.add(FOOTPRINT.leaderRss, subject, most(true, 'rssMiB'));
  readings.add(FOOTPRINT.followerRss, subject, most(false, 'rssMiB'));
  readings.add(FOOTPRINT.leaderCpu, subject, most(true, 'cpuPercent'));
  readings.add(FOOTPRINT.followerCpu, subject, most(false, 'cpuPercent'));
}

/** Prints VmRSS in kB, user and system time in ticks (fields 14 and 15 of stat, counted behind the name), and the ticks of a second. */
const scriptFor = (program: string): string => `
for process in /proc/[0-9]*; do
  case "$(readlink "$process/exe")" in
    ${program}) rss=$(awk '/^VmRSS/ { print $2 }' "$process/status")
      echo "$rss $(sed 's/.*) //' "$process/stat" | cut -d ' ' -f 12,13) $(getconf CLK_TCK)" ;;
  esac
done`;

const PROGRAMS: Readonly<Record<BenchSubject, string>> = {
  swarm: '*/dockerd',
  twin: '/opt/swarmtwin/node',
};

/** Of the node's daemon, as it is now. */
export async function usageOf(node: LabNode, subject: BenchSubject): Promise<Usage> {
  const text = await runIn(node.containerId, scriptFor(PROGRAMS[subject]));
  const [rssKiB, user, system, ticks] = text.trim().split(/\s+/).map(Number);
  if (!rssKiB || user === undefined || system === undefined || !ticks)
    throw new SwarmtwinError(
      'lab-failed',
      `no daemon of ${subject} on ${node.name}: ${text}`,
      'Look at the log of that node.',
    );
  return { rssMiB: rssKiB / 1024, cpuSeconds: (user + system) / ticks, atMs: performance.now() };
}
