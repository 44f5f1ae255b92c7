/** Q1 to Q6: control while quorum is lost, and after. */
import { noLeaderBound, refillBound, returnBound, sumOf } from '../model/bounds.ts';
import { NO_LEADER_TEXT } from '../model/history.ts';
import type { NodeName } from '../model/fault.ts';
import { containerAt, runsAt } from './engines.ts';
import { fails, holds, inconclusive, seconds, worstOf } from './opinion.ts';
import type { Claim, Opinion } from './opinion.ts';
import { imageOf, isSwarmOperation, replicasOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { formAt, leaderAt, nodeAt, stretchesOf } from './story.ts';
import type { FaultSpan, Story, Stretch } from './story.ts';
import { deathsOf } from './deaths.ts';
import { endedMs, isLive, lastOf, liveAt, ranMs, successorOf } from './task-lives.ts';

/** The stretches without quorum, each one a loss of control. */
export const outagesOf = (story: Story): readonly Stretch[] =>
  stretchesOf(story).filter((stretch) => !stretch.quorum);

const NO_OUTAGE = 'the history has no loss of quorum';

const refusesFor = (operation: Operation): boolean =>
  operation.outcome === 'fail' && operation.text.includes(NO_LEADER_TEXT);

/** When the node first said that there is no leader, from a moment on. */
const refusedMs = (story: Story, node: NodeName, fromMs: number): number =>
  story.control.get(node)?.find((seen) => seen.atMs >= fromMs && seen.text.includes(NO_LEADER_TEXT))
    ?.atMs ?? Infinity;

/** The survivor falls silent within the bound, and from then on refuses every read and write with Swarm's words. */
export function refusal(story: Story, outage: Stretch, survivor: NodeName): Opinion {
  const bound = noLeaderBound(story.header.settings);
  const from = refusedMs(story, survivor, outage.fromMs);
  const took = from - outage.fromMs;
  if (!Number.isFinite(from) && outage.toMs - outage.fromMs < bound.ms)
    return inconclusive(
      `the outage was healed after ${seconds(outage.toMs - outage.fromMs)}, before the bound of ${bound.formula}`,
    );
  if (took > bound.ms)
    return fails(`${survivor} did not say that there is no leader within ${bound.formula}`);
  const operations = story.operations.filter(
    (operation) =>
      operation.node === survivor &&
      isSwarmOperation(operation) &&
      operation.invokedMs >= from &&
      operation.invokedMs < outage.toMs,
  );
  const evidence = operations.flatMap((operation) => operation.records);
  const other = operations.find((operation) => !refusesFor(operation));
  if (other !== undefined)
    return fails(
      `'${other.label}' on ${survivor} ended ${other.outcome} ${other.status} '${other.text}'`,
      other.records,
    );
  const answered = story.control
    .get(survivor)
    ?.find((seen) => seen.answer === 'ok' && seen.atMs > from && seen.atMs < outage.toMs);
  if (answered !== undefined)
    return fails(`${survivor} answered reads again while quorum was lost`, [answered.n]);
  const reads = operations.filter((operation) => !operation.write).length;
  const writes = operations.length - reads;
  if (reads === 0 || writes === 0)
    return inconclusive('no read or no write was tried while quorum was lost', evidence);
  return holds(
    `${survivor} refused ${reads} reads and ${writes} writes with the text, from ${seconds(took)} after the loss on (bound ${bound.formula})`,
    evidence,
  );
}

const ofTwo = (story: Story, wasLeader: boolean): readonly Opinion[] =>
  story.managers.length !== 2
    ? []
    : outagesOf(story).flatMap((outage) => {
        const begin = outage.faults[0]?.beginMs ?? outage.fromMs;
        const leader = leaderAt(story, begin);
        const [survivor] = outage.survivors;
        if (survivor === undefined || leader === undefined) return [];
        return (leader !== survivor) === wasLeader ? [refusal(story, outage, survivor)] : [];
      });

export const q1: Claim = (story) =>
  worstOf(ofTwo(story, true), 'the history has no loss of the leader of two managers');

/** The survivor led before; its refusals show that it stepped down. */
export const q2: Claim = (story) =>
  worstOf(ofTwo(story, false), 'the history has no loss of the follower of two managers');

export const q3: Claim = (story) =>
  worstOf(
    outagesOf(story).map((outage) => containersSurvive(story, outage)),
    NO_OUTAGE,
  );

function containersSurvive(story: Story, outage: Stretch): Opinion {
  const killed = new Set(deathsOf(story).map((death) => death.container));
  const running = story.containers.filter(
    (life) =>
      outage.survivors.includes(life.node) &&
      runsAt(life, outage.fromMs) &&
      !killed.has(life.id) &&
      life.task !== '',
  );
  const ended = running.find((life) => !runsAt(life, outage.toMs));
  if (ended !== undefined)
    return fails(
      `container ${ended.id.slice(0, 12)} on ${ended.node} ran at the loss and is ${containerAt(ended, outage.toMs)?.state ?? 'not seen'} at the heal`,
      [containerAt(ended, outage.toMs)?.n],
    );
  const lists = story.operations.filter(
    (operation) =>
      operation.kind === 'container' &&
      operation.method === 'GET' &&
      operation.invokedMs >= outage.fromMs &&
      operation.invokedMs < outage.toMs &&
      outage.survivors.includes(operation.node),
  );
  const refused = lists.find((operation) => operation.outcome !== 'ok');
  if (refused !== undefined)
    return fails(`the container list of ${refused.node} failed: ${refused.text}`, refused.records);
  if (running.length === 0 || lists.length === 0)
    return inconclusive('no container ran on a survivor, or its containers were not asked for');
  const last = lists.at(-1);
  const listed = new Set(
    ((last?.value ?? []) as readonly { readonly id: string }[]).map((container) => container.id),
  );
  const unlisted = running.find((life) => life.node === last?.node && !listed.has(life.id));
  if (unlisted !== undefined)
    return fails(`container ${unlisted.id.slice(0, 12)} is not in the list`, last?.records ?? []);
  return holds(
    `${running.length} containers on ${outage.survivors.join(', ')} ran through the outage of ${seconds(outage.toMs - outage.fromMs)} and were listed`,
    [...running.map((life) => life.sightings.at(-1)?.n), ...(last?.records ?? [])],
  );
}

export const q4: Claim = (story) =>
  worstOf(
    outagesOf(story).map((outage) => nothingChanges(story, outage)),
    NO_OUTAGE,
  );

function nothingChanges(story: Story, outage: Stretch): Opinion {
  const refill = refillBound();
  const born = story.containers.find((life) => {
    const first = life.sightings[0];
    return (
      first !== undefined &&
      outage.survivors.includes(life.node) &&
      first.atMs > outage.fromMs &&
      first.atMs < outage.toMs
    );
  });
  if (born !== undefined)
    return fails(`a container of ${born.service} was made on ${born.node} while quorum was lost`, [
      born.sightings[0]?.n,
    ]);
  const writes = story.operations.filter(
    (operation) =>
      operation.write &&
      isSwarmOperation(operation) &&
      operation.invokedMs >= outage.fromMs &&
      operation.invokedMs < outage.toMs,
  );
  const done = writes.find((operation) => operation.outcome === 'ok');
  if (done !== undefined)
    return fails(`'${done.label}' succeeded while quorum was lost`, done.records);
  const deaths = deathsOf(story).filter(
    (death) => death.alone && death.atMs >= outage.fromMs && death.atMs + refill.ms <= outage.toMs,
  );
  const kinds = new Set(writes.map((operation) => operation.kind));
  const untried = (['create', 'update', 'remove'] as const).filter((kind) => !kinds.has(kind));
  if (deaths.length === 0)
    return inconclusive(`no slot stood empty for longer than ${refill.formula} without quorum`);
  if (untried.length > 0)
    return inconclusive(`not tried while quorum was lost: ${untried.join(', ')}`);
  return holds(
    `${deaths.length} empty slots stayed empty for longer than ${refill.formula}, ${writes.length} writes failed`,
    [...writes.flatMap((write) => write.records), ...deaths.map((death) => death.n)],
  );
}

/** The stretch of quorum after an outage, and the faults whose heal brought it. */
function returnsOf(
  story: Story,
): readonly { readonly outage: Stretch; readonly healed: FaultSpan }[] {
  return outagesOf(story).flatMap((outage) => {
    const healed = outage.faults.find((fault) => fault.healBeginMs === outage.toMs);
    const further = outagesOf(story).some((other) => other.fromMs === outage.toMs);
    return healed === undefined || further ? [] : [{ outage, healed }];
  });
}

const NO_RETURN = 'the history has no return of quorum';

export const q5: Claim = (story) =>
  worstOf(
    returnsOf(story).map(({ outage, healed }) => controlReturns(story, outage, healed)),
    NO_RETURN,
  );

function controlReturns(story: Story, outage: Stretch, healed: FaultSpan): Opinion {
  const bound = returnBound(story.header.settings, true);
  const back = story.managers
    .flatMap((name) => story.control.get(name) ?? [])
    .filter((seen) => seen.answer === 'ok' && seen.atMs > healed.healBeginMs)
    .sort((a, b) => a.atMs - b.atMs)[0];
  const took = (back?.atMs ?? Infinity) - healed.healBeginMs;
  if (took > bound.ms)
    return fails(`no leader answered within ${bound.formula} of the return`, healed.records);
  const lost = servicesLost(story, outage);
  if (lost !== '') return fails(lost, healed.records);
  const absent = healed.nodes.find(
    (name) =>
      story.managers.includes(name) &&
      nodeAt(story, name, story.endMs)?.reachability !== 'reachable',
  );
  if (absent !== undefined) return fails(`${absent} is not reachable at the end`, healed.records);
  return holds(
    `a manager answered ${seconds(took)} after the return began (bound ${bound.formula}), ${leaderAt(story, story.endMs) ?? 'nobody'} leads, every service is as it was`,
    [...healed.records, back?.n],
  );
}

/** What of the services of before the outage is missing or changed after it, although nobody succeeded in changing it. */
function servicesLost(story: Story, outage: Stretch): string {
  const asked = new Set(
    story.operations
      .filter((operation) => operation.write && operation.outcome !== 'fail')
      .filter((operation) => operation.completedMs >= outage.fromMs)
      .map((operation) => operation.about),
  );
  for (const [name, forms] of story.services) {
    const before = formAt(forms, outage.fromMs);
    const after = forms.find((form) => form.atMs > outage.toMs) ?? forms.at(-1);
    if (before === undefined) {
      const refused = story.operations.some(
        (operation) => operation.about === name && operation.outcome === 'fail',
      );
      if (refused && !asked.has(name)) return `service ${name} exists, though its create failed`;
      continue;
    }
    if (asked.has(name)) continue;
    const same =
      replicasOf(before.spec) === replicasOf(after?.spec) &&
      imageOf(before.spec) === imageOf(after?.spec);
    if (!same) return `service ${name} is not what it was before the outage`;
    if (liveAt(story, story.endMs, name).length === 0) return `service ${name} has no task left`;
  }
  return '';
}

export const q6: Claim = (story) =>
  worstOf(
    returnsOf(story).flatMap(({ outage, healed }) =>
      deathsOf(story)
        .filter(
          (death) =>
            death.atMs >= (outage.faults[0]?.beginMs ?? outage.fromMs) && death.atMs < outage.toMs,
        )
        .map((death) => deathMended(story, death, healed)),
    ),
    'no task died while quorum was lost',
  );

function deathMended(
  story: Story,
  death: ReturnType<typeof deathsOf>[number],
  healed: FaultSpan,
): Opinion {
  const { task, hard } = death;
  const bound = sumOf(returnBound(story.header.settings, true), refillBound());
  const next = successorOf(story, task);
  const place = `${task.service}.${task.place}`;
  if (next === undefined) return fails(`${place} was not refilled after its task died`, [death.n]);
  const runs = ranMs(next) - healed.healBeginMs;
  if (runs > bound.ms)
    return fails(`${place} ran again ${seconds(runs)} after the return, bound ${bound.formula}`);
  if (!isLive(lastOf(next)))
    return fails(`the new task of ${place} does not live at the end`, [lastOf(next)?.n]);
  const last = lastOf(task);
  const right = hard
    ? last?.state === 'failed' && last.err.includes('non-zero exit')
    : last?.state === 'complete' || last?.state === 'shutdown';
  const how = hard ? 'killed hard' : 'stopped gracefully';
  const reads = `${last?.state ?? 'nothing'} '${last?.err ?? ''}'`;
  if (!right) return fails(`${place}'s task, ${how}, reads ${reads}`, [last?.n]);
  return holds(`${place}: ${how}, reads ${reads}, refilled ${seconds(runs)} after the return`, [
    death.n,
    last?.n,
    lastOf(next)?.n,
    ...(Number.isFinite(endedMs(task)) ? [] : healed.records),
  ]);
}
