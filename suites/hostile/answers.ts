/** What an answer may be, whatever was asked. */

/** Swarm's own texts at 500 and above; whatever else stands there is a defect. */
const OWN_500: readonly RegExp[] = [
  /^rpc error: code = Unknown desc = (update out of sequence|constraint expected one operator from ==, !=)$/,
  /^rpc error: code = Unknown desc = (key|value) '.*' is invalid$/s,
  /^rpc error: code = Unknown desc = plugin ".*" not found$/s,
  /^rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status$/,
  /^rpc error: code = Unknown desc = raft: raft message is too large and can't be sent$/,
  /^rpc error: code = Unknown desc = The swarm does not have a leader\. /,
  /^rpc error: code = Unimplemented desc = (service mode change is not allowed|renaming services is not supported)$/,
  /^rpc error: code = DeadlineExceeded desc = context deadline exceeded$/,
  /^unrecognized rollback option /,
  /^unsupported registryAuthFrom value$/,
  /^service does not have a previous spec$/,
  /^tail value must be a positive integer or "all"$/,
  /^negative tail values not supported$/,
  /^could not parse since timestamp: strconv\.ParseInt: parsing ".*": (invalid syntax|value out of range)$/s,
  /^Bad parameters: you must choose at least one stream$/,
  /^network .* not found$/s,
  /^[Ii]nvalid [a-z-]+ filter: /,
  /^rpc error: code = Unimplemented desc = networks must be migrated to TaskSpec before being changed$/,
  /^invalid base pool .*: invalid CIDR address: /s,
  /^error updating cluster settings: rpc error: code = InvalidArgument desc = /s,
  /^invalid CIDR: ".*"\. Subnet size is too small for pool: -?\d+$/s,
  /^subnet size is out of range: \d+$/,
  /^Datapath port number is not in valid range \(1024-49151\) : \d+$/,
  /^rpc error: code = Unknown desc = name conflicts with an existing object$/,
  /^invalid Availability: ".*"$/s,
  /^runtime type "plugin" only supported in experimental$/,
  // The twin's own, and the simulated engine's.
  /^swarmtwin does not have .* yet$/s,
  /^a (simulated|fake) engine has no /,
];

/** Words of a program that broke, and not of Swarm. */
const BROKEN =
  /TypeError|RangeError|SyntaxError|is not a function|is not iterable|Cannot read prop|Cannot convert|\n\s+at |node:internal|file:\/\/|\.ts:\d|undefined|\[object Object\]|NaN/;

/** What is wrong with an answer, null where nothing is. `secrets` must not stand in it. */
export function wrongWith(
  { status, body }: { readonly status: number; readonly body: string },
  secrets: readonly string[],
): string | null {
  if (status < 200 || status > 599) return `status ${status}`;
  for (const secret of secrets) if (body.includes(secret)) return `a secret is in ${body}`;
  if (status < 400) return null;
  const message = messageIn(body);
  if (message === null) return `status ${status} without a message: ${body}`;
  if (BROKEN.test(message.replaceAll(/'[^']*'|"[^"]*"/g, '')))
    return `status ${status}: ${message}`;
  if (status >= 500 && status !== 503 && !OWN_500.some((own) => own.test(message)))
    return `status ${status} with no text of Swarm's: ${message}`;
  return null;
}

function messageIn(body: string): string | null {
  if (body === '') return '';
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch (caught) {
    if (caught instanceof SyntaxError) return null;
    throw caught;
  }
}
