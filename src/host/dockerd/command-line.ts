/** dockerd's command line as far as the twin has to know it; everything else is the real dockerd's to judge. */

/** What the twin does itself; the engine behind is told otherwise, or nothing. */
const OWN_VALUES = {
  host: 'H',
  pidfile: 'p',
  group: 'G',
  'config-file': '',
  'swarm-default-advertise-addr': '',
  // Not dockerd's: the twin's own.
  'behave-like': '',
  tlscacert: '',
  tlscert: '',
  tlskey: '',
} as const;
const OWN_SWITCHES = { tls: '', tlsverify: '' } as const;
/** What both have to know. */
const SHARED_VALUES = { 'data-root': '', 'exec-root': '', 'log-level': 'l' } as const;
const SHARED_SWITCHES = { debug: 'D' } as const;
/** dockerd answers these and ends. */
const ANSWERS = { help: 'h', version: 'v', validate: '' } as const;

type ValueFlag = keyof typeof OWN_VALUES | keyof typeof SHARED_VALUES;
type SwitchFlag = keyof typeof OWN_SWITCHES | keyof typeof SHARED_SWITCHES;

export interface CommandLine {
  /** Given values, in order; `host` may have several, of all others the last one counts. */
  readonly values: ReadonlyMap<ValueFlag, readonly string[]>;
  readonly switches: ReadonlyMap<SwitchFlag, boolean>;
  /** For the engine behind, as it was written. */
  readonly onward: readonly string[];
  /** Whether dockerd is only asked something, as by `--version`. */
  readonly isQuestion: boolean;
}

interface Word {
  /** Long, or the letter of a short one. */
  readonly name: string;
  /** What stood behind `=`, or was stuck to the letter. */
  readonly attached: string | null;
}

/** Reads the words after the program's name, with pflag's rules: `--name=value`, `--name value`, `-n value`, `-nvalue`; nothing after `--` is a flag. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const values = new Map<ValueFlag, string[]>();
  const switches = new Map<SwitchFlag, boolean>();
  const onward: string[] = [];
  let isQuestion = false;
  const rest = [...words];
  for (let text = rest.shift(); text !== undefined; text = rest.shift()) {
    const word = wordOf(text);
    if (word === null) {
      onward.push(text, ...(text === '--' ? rest.splice(0) : []));
      continue;
    }
    const value = find({ ...OWN_VALUES, ...SHARED_VALUES }, word);
    const toggle = find({ ...OWN_SWITCHES, ...SHARED_SWITCHES }, word);
    if (value !== null) {
      const next = word.attached ?? rest.shift();
      // A flag without its value: dockerd says so.
      if (next === undefined) onward.push(text);
      else values.set(value, [...(values.get(value) ?? []), next]);
      if (next !== undefined && value in SHARED_VALUES) onward.push(`--${value}=${next}`);
    } else if (toggle !== null) {
      switches.set(toggle, isTrue(word.attached ?? 'true'));
      if (toggle in SHARED_SWITCHES) onward.push(text);
    } else {
      isQuestion ||= find(ANSWERS, word) !== null;
      onward.push(text);
    }
  }
  return { values, switches, onward, isQuestion };
}

function wordOf(text: string): Word | null {
  const long = /^--([a-z0-9][^=]*)(?:=([\s\S]*))?$/.exec(text);
  if (long !== null) return { name: long[1] ?? '', attached: long[2] ?? null };
  const short = /^-([A-Za-z])(?:=?([\s\S]+))?$/.exec(text);
  return short === null ? null : { name: short[1] ?? '', attached: short[2] ?? null };
}

function find<Name extends string>(
  flags: Readonly<Record<Name, string>>,
  { name }: Word,
): Name | null {
  for (const [long, short] of Object.entries(flags) as [Name, string][])
    if (name === long || (name.length === 1 && name === short)) return long;
  return null;
}

/** Go's strconv.ParseBool, and everything else is dockerd's to refuse. */
const isTrue = (text: string): boolean => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
