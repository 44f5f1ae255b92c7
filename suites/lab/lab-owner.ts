/** A process of its own that starts a lab, says `READY ID`, breaks something, and waits to be ended. Run by clean-up.test.ts. */
import { createLab } from '../../src/lab/create-lab.ts';
import { swarmOptions } from './lab-options.ts';

const [name = 'owned', when = 'whole'] = process.argv.slice(2);
const lab = await createLab({
  ...(await swarmOptions(name)),
  managers: 2,
  onProgress: ({ step }) => {
    if (when === 'half-built' && step.startsWith('network')) process.stdout.write('READY\n');
  },
});
await lab.inject({
  kind: 'links',
  links: [{ from: 'n1', to: 'n2' }],
  toxic: { kind: 'drop' },
  plane: 'full',
});
process.stdout.write(`READY ${lab.id}\n`);
setInterval(() => undefined, 1000);
