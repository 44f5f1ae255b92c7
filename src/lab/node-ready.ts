/** Waits until what answers on a node answers. */
import { eventually } from './eventually.ts';
import type { NodeClient } from './node-client.ts';
import { API_PORT } from './lab-plan.ts';

/** Until `GET /_ping` of the node says OK. @throws SwarmtwinError `lab-failed` */
export async function untilApiAnswers(
  name: string,
  client: NodeClient,
  deadlineMs: number,
): Promise<void> {
  await eventually(
    {
      what: `the Engine API of ${name} at ${client.address}:${API_PORT}`,
      deadlineMs,
      everyMs: 25,
      code: 'lab-failed',
      next: `Look at the node's log: docker logs <container of ${name}>. The lab needs an engine on this machine.`,
    },
    async () => {
      // The node opens its port before its daemon is there, so one patient question is quicker than many short ones.
      const answer = await client.call('GET', '/_ping', { deadlineMs });
      if (answer.kind === 'no-answer') throw new Error(`${answer.code}: ${answer.message}`);
      return answer.status === 200 ? true : undefined;
    },
  );
}
