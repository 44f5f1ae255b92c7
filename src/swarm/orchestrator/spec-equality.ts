/**
 * Fields that SwarmKit's messages hold by reference, so that "not given" and "zero" differ: a restart delay of 0 is not the default of 5 s.
 * For every other field a zero value is the same as none.
 */
const GIVEN_OR_NOT: ReadonlySet<string> = new Set([
  'Delay',
  'Window',
  'StopGracePeriod',
  'Init',
  'SwapBytes',
  'MemorySwappiness',
]);

/** Fields that hold a map: an empty one is the same as none. An empty object elsewhere is a message that was given. */
const MAPS: ReadonlySet<string> = new Set(['Labels', 'Options', 'Sysctls', 'DriverOpts']);

/** Whether two specs, or parts of them, say the same. The order of keys does not matter, that of lists does. */
export function sameSpec(a: unknown, b: unknown, key = ''): boolean {
  if (a === b) return true;
  const emptyA = isAbsent(a, key);
  const emptyB = isAbsent(b, key);
  if (emptyA || emptyB) return emptyA && emptyB;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    // An entry of a list is there whatever it holds: `['']` is not `[]`, and neither are its entries "absent".
    return a.every((entry, at) => sameEntry(entry, b[at]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const inMap = MAPS.has(key);
  for (const name of names) {
    if (inMap ? left[name] !== right[name] : !sameSpec(left[name], right[name], name)) return false;
  }
  return true;
}

const sameEntry = (a: unknown, b: unknown): boolean =>
  typeof a === 'object' ? sameSpec(a, b) : a === b;

function isAbsent(value: unknown, key: string): boolean {
  if (value === undefined || value === null) return true;
  if (GIVEN_OR_NOT.has(key)) return false;
  if (value === 0 || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return MAPS.has(key) && typeof value === 'object' && Object.keys(value).length === 0;
}
