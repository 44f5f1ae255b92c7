import type { RaftId } from '../../raft/messages.ts';
import { nodeId } from '../../model/ids.ts';
import type { Ports } from '../ports.ts';
import type { Member, RaftMessage, RaftPeers } from './consensus-ports.ts';
import type { Membership } from './membership.ts';

/** SwarmKit: the address is asked for within the time that a message has. */
const RESOLVE_MS = 2000;

/**
 * Sends to members that are not in our own log yet: one that was away while another joined may hear from that other first, as its leader, and could never answer
 * it, nor catch up, without asking somebody else for its address (SwarmKit: raft transport, sendUnknownMessage). One message at a time; what comes meanwhile is
 * dropped, and raft sends anew what still matters.
 */
export class UnknownMembers {
  readonly #ports: Ports & { readonly peers: RaftPeers };
  readonly #membership: Membership;
  readonly #self: RaftId;
  #isBusy = false;
  #stopped = false;

  constructor(ports: Ports & { readonly peers: RaftPeers }, membership: Membership, self: RaftId) {
    this.#ports = ports;
    this.#membership = membership;
    this.#self = self;
  }

  send(message: RaftMessage): void {
    const [asked] = this.#membership.toAsk(this.#self);
    if (this.#isBusy || asked === undefined || this.#membership.isRemoved(message.to)) return;
    this.#isBusy = true;
    const { peers } = this.#ports;
    peers.resolve(asked.addr, message.to, RESOLVE_MS, (result) => {
      if (this.#stopped) return;
      this.#isBusy = result.ok;
      if (result.ok)
        this.#deliver({ raftId: message.to, nodeId: nodeId(''), addr: result.value }, message);
      else {
        this.#say(`no address for member ${message.to}: ${result.error.text}`);
        // Another is asked the next time.
        this.#membership.noteReachable(asked.raftId, false);
      }
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #deliver(to: Member, message: RaftMessage): void {
    this.#ports.peers.send(to, message, (error) => {
      if (this.#stopped) return;
      this.#isBusy = false;
      if (error !== null) this.#say(`member ${to.raftId} was not reached: ${error.text}`);
    });
  }

  #say(message: string): void {
    this.#ports.log({ level: 'warn', part: 'raft', message });
  }
}
