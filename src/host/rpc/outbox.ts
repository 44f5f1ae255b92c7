import type { SwarmError } from '../../model/errors.ts';
import type { RaftMessage } from '../../swarm/manager/consensus-ports.ts';
import { asSwarmError } from './answer.ts';

/**
 * A leader tells its followers that more is committed when nobody waits for them any more. It waits so long for the next entries, which say the same: half of
 * the messages of a busy leader are not sent.
 */
const NOTICE_LAG_MS = 20;

interface Outgoing {
  readonly message: RaftMessage;
  readonly sent: (error: SwarmError | null) => void;
}

type Append = Extract<RaftMessage, { readonly type: 'app' }>;
interface Notice extends Outgoing {
  readonly message: Append;
}

/** One message at a time to one member, in order. After a failure the rest is dropped: raft sends anew what still matters. */
export class Outbox {
  readonly #deliver: (message: RaftMessage) => Promise<void>;
  #queue: Outgoing[] = [];
  #busy = false;
  #notice: { readonly outgoing: Notice; readonly timer: NodeJS.Timeout } | null = null;

  constructor(deliver: (message: RaftMessage) => Promise<void>) {
    this.#deliver = deliver;
  }

  /** `sent` is told when the message was delivered, or one that says all that it does; or why not. */
  push(message: RaftMessage, sent: (error: SwarmError | null) => void): void {
    const outgoing = this.#withNotice({ message, sent });
    if (isNotice(outgoing)) this.#holdBack(outgoing);
    else this.#enqueue(outgoing);
  }

  /** Nothing more goes there; whoever sent is not told. */
  close(): void {
    this.#queue = [];
    if (this.#notice !== null) clearTimeout(this.#notice.timer);
    this.#notice = null;
  }

  /** What is held back goes along with this message, or before it. */
  #withNotice(outgoing: Outgoing): Outgoing {
    if (this.#notice === null) return outgoing;
    const { outgoing: notice, timer } = this.#notice;
    clearTimeout(timer);
    this.#notice = null;
    if (!covers(outgoing.message, notice.message)) {
      this.#enqueue(notice);
      return outgoing;
    }
    const sent = (error: SwarmError | null): void => {
      notice.sent(error);
      outgoing.sent(error);
    };
    return { message: outgoing.message, sent };
  }

  #holdBack(outgoing: Notice): void {
    const timer = setTimeout(() => {
      this.#notice = null;
      this.#enqueue(outgoing);
    }, NOTICE_LAG_MS);
    this.#notice = { outgoing, timer };
  }

  #enqueue(outgoing: Outgoing): void {
    this.#queue.push(outgoing);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    const first = this.#queue.shift();
    this.#busy = first !== undefined;
    if (first === undefined) return;
    this.#deliver(first.message).then(
      () => {
        first.sent(null);
        this.#next();
      },
      (caught: unknown) => {
        const error = asSwarmError(caught);
        const dropped = this.#queue;
        this.#queue = [];
        for (const outgoing of [first, ...dropped]) outgoing.sent(error);
        this.#next();
      },
    );
  }
}

/** An append that appends nothing: it says how much is committed, or asks a follower where its log ends. */
const isNotice = (outgoing: Outgoing): outgoing is Notice =>
  outgoing.message.type === 'app' && outgoing.message.entries.length === 0;

const covers = (message: RaftMessage, notice: Append): boolean =>
  message.type === 'app' &&
  message.term === notice.term &&
  message.index >= notice.index &&
  message.commit >= notice.commit;
