/** `run --keep`: the labs of the first scenario that is not as it should be stay, for people to look into. */
import { describe, refuseTakenName } from '../lab/commands.ts';
import type { Lab } from '../lab/lab.ts';
import type { Subject } from '../model/history.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';

export class KeptLabs {
  #held: Lab[] = [];

  /** The name of a lab, for `lab down`. Errors: `bad-usage` where an earlier run left one of that name. */
  async nameFor({ name }: Scenario, subject: Subject): Promise<string> {
    const chosen = `${name}-${subject}`;
    await refuseTakenName(chosen);
    return chosen;
  }

  /** The lab is played to its end, and stands. */
  hold(lab: Lab): Promise<void> {
    this.#held.push(lab);
    return Promise.resolve();
  }

  /** Takes down what stands. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    await Promise.all(held.map((lab) => lab.down()));
  }

  /** How to reach what stands, and how to take it down. */
  lines(): readonly string[] {
    const names = this.#held.map(({ name }) => name);
    if (names.length === 0) return ['nothing is otherwise than it should be, so no lab was kept'];
    return [
      'the labs stand, with all faults healed:',
      ...this.#held.flatMap(describe),
      `take them down with: npx swarmtwin lab down ${names.join(' ')}`,
    ];
  }
}

/** What `--keep` stops at: a claim that fails, a comparison that differs, a step of the twin that is not legal. */
export const isWrong = ({ claims, sameness, steps }: ScenarioVerdict): boolean =>
  claims.some(({ verdict }) => verdict === 'fails') ||
  sameness === 'different' ||
  steps.some(({ subject }) => subject !== 'swarm');
