/** A scenario from a YAML file. */
import { SwarmtwinError } from '../model/errors.ts';
import { nodeNames } from '../model/scenario.ts';
import type { Scenario, Shape } from '../model/scenario.ts';
import { YamlReader } from './read-yaml.ts';
import { SCENARIO } from './schema.ts';
import type { EngineLine } from '../model/engines.ts';

/** What a file says: the scenario, and the engine it asks for, if any. */
export interface ParsedScenario {
  readonly scenario: Scenario;
  readonly engine?: EngineLine;
  /** `file:line:column` of each step. */
  readonly places: readonly string[];
}

/** A guess where the file does not say: bring-up and a minute of outage. */
const EXPECTED_S = 90;

/** @throws SwarmtwinError `bad-scenario`, whose message has a line `file:line:column: what was expected` for each mistake */
export function parseScenario(text: string, fileName: string): ParsedScenario {
  const reader = new YamlReader(text);
  reader.declared.nodes = shapeNodes(new YamlReader(text));
  const fields = reader.document(SCENARIO);
  if (reader.mistakes.length > 0) {
    const lines = [...reader.mistakes]
      .sort((a, b) => a.line - b.line || a.column - b.column)
      .map(({ line, column, text: expected }) => `${fileName}:${line}:${column}: ${expected}`);
    throw new SwarmtwinError(
      'bad-scenario',
      lines.join('\n'),
      'Correct the file and run it again.',
    );
  }
  const { engine, ...rest } = fields as unknown as Scenario & { readonly engine?: EngineLine };
  const named = rest.seed as string | undefined;
  const expected = rest.expectedS as number | undefined;
  const scenario = {
    ...rest,
    seed: named ?? `${rest.suite}/${rest.name}`,
    expectedS: expected ?? EXPECTED_S,
  };
  const places = reader
    .placesOf('steps')
    .map(({ line, column }) => `${fileName}:${line}:${column}`);
  return { scenario, places, ...(engine === undefined ? {} : { engine }) };
}

/** The nodes must be known before the steps are read, wherever in the file the shape stands. */
function shapeNodes(reader: YamlReader): readonly string[] {
  const { shape } = reader.document({ shape: { ...SCENARIO['shape'], optional: true } as never });
  const { managers, workers, spares } = (shape ?? {}) as Partial<Shape>;
  if (managers === undefined || workers === undefined) return [];
  return nodeNames({ managers, workers, ...(spares === undefined ? {} : { spares }) });
}
