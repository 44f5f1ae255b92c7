import { expect, test } from '@jest/globals';
import { WORKLOADS } from '../../model/scenario.ts';
import { readCatalogue, workloadName } from './catalogue.ts';
import { ENGINE_LINES } from '../../model/engines.ts';

test('every engine and every workload has a name of its own, and the recipe decides it', () => {
  const catalogue = readCatalogue();
  const names = [
    ...ENGINE_LINES.map(catalogue.node),
    ...WORKLOADS.map(catalogue.workload),
    catalogue.toxiproxy,
    catalogue.registry,
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(readCatalogue().node('26.1')).toBe(catalogue.node('26.1'));
  expect(catalogue.node('26.1')).toMatch(/^swarmtwin\/node:26\.1-[0-9a-f]{12}$/);
});

test('inside nodes a workload goes by a name without a key', () => {
  expect(workloadName('exit0-later')).toBe('swarmtwin/workload:exit0-later');
});
