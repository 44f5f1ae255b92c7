import { Document, isMap, visit } from 'yaml';
import type { WrittenPlan } from '../simulator/explore/scenario-of.ts';

/** A scenario file: a step a line, and as comments what the run had and the file has not. */
export function scenarioYaml({ scenario, leftOut }: WrittenPlan): string {
  const document = new Document(scenario);
  const steps = document.get('steps');
  visit(document, {
    Map: (_, node, path) => {
      const inSteps = path.some((parent) => parent === steps);
      if (inSteps) node.flow = true;
      return undefined;
    },
    Seq: (_, node) => {
      if (node !== steps) node.flow = true;
    },
  });
  const { contents } = document;
  if (isMap(contents) && leftOut.length > 0)
    document.commentBefore = [
      ' A scenario has no words for what else was in the simulated run:',
      ...leftOut.map((each) => ` - ${each}`),
    ].join('\n');
  return document.toString({ lineWidth: 0 });
}
