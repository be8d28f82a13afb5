// The room of a project for tests: members, invitations and a pairing, as the application keeps them.

import type {
  Activity, Deed, Failure, MemberDevice, MemberRole, Members, Nearby, Pairing, Party, Reply, Request, Sharing,
} from '../bindings/app';

const HOUR = 3_600_000;

/** The code that the other computer of a pairing shows. */
export const RIGHT_CODE = '492817';

const failure = (code: string, message: string): Failure => ({ code, message, detail: null });
const NOT_AN_OWNER = failure('NOT_AN_OWNER', 'Only an owner of the project may do this. Ask one of them.');

export const memberDevice = (device: string, rest: Partial<MemberDevice> = {}): MemberDevice => ({
  device, words: `${device} boot daisy forge iron melon poem violin`, isMe: false, role: 'editor', person: null, name: null, seenAt: null, ...rest,
});

export class FakeRoom {
  /** Null: the project is not shared. */
  sharing: Sharing | null = null;
  members: Members | null = null;
  activity: Activity[] = [];
  nearby: Nearby = { words: 'acid boot daisy forge iron melon poem violin', isFindable: true, machines: [] };
  pairing: Pairing | null = null;
  #made = 0;

  constructor(
    readonly me = memberDevice('me', { isMe: true, role: 'owner', person: 'p-me', name: 'Ana' }),
    readonly now: () => number = Date.now,
  ) {}

  /** As if the project had been shared here, or by somebody who let this computer in as this. */
  share(role: MemberRole = 'owner', others: readonly MemberDevice[] = []): void {
    this.sharing = { room: 'r', status: { kind: 'live', peers: others.length }, waiting: 0, companions: [], offences: [] };
    this.members = { isOpen: false, role, isWaiting: false, devices: [{ ...this.me, role }, ...others], former: [], invitations: [], isKeyDue: false };
    this.#note({ kind: 'shared' });
  }

  /** Undefined: it is not about the room. Throws a `Failure`. */
  answer(request: Request): Reply | undefined {
    switch (request.kind) {
      case 'readSharing':
        return { kind: 'sharing', sharing: this.sharing };
      case 'readLinks':
        return { kind: 'links', links: [] };
      case 'readMembers':
        return { kind: 'members', members: this.members };
      case 'readActivity':
        return { kind: 'activity', activity: this.activity };
      case 'readNearby':
        return { kind: 'nearby', ...this.nearby };
      case 'readPairing':
        return { kind: 'pairing', pairing: this.pairing };
      case 'invite':
        if (this.members === null) this.share();
        return this.#invited('editor', 7 * 24, 20);
      case 'inviteAs':
        this.#own();
        return this.#invited(request.role, request.hours, request.uses);
      case 'changeRole':
        this.#put(request.device, request.role);
        return { kind: 'done' };
      case 'removeMember':
        this.#note({ kind: 'removed', device: this.#party(request.device) });
        this.#removed(this.#own(), request.device);
        return { kind: 'done' };
      case 'handOverProject':
        this.#put(request.device, 'owner');
        this.#put(this.me.device, 'editor');
        this.#own().role = 'editor';
        return { kind: 'done' };
      case 'leaveProject':
        if (this.members?.role === 'owner') this.#put(this.me.device, 'editor');
        this.#note({ kind: 'left' });
        if (this.members) [this.members.role, this.members.devices] = [null, this.members.devices.filter(({ isMe }) => !isMe)];
        return { kind: 'done' };
      case 'readmitMember': {
        const members = this.#own();
        const again = members.former.find(({ device }) => device === request.device);
        if (!again) throw failure('IS_A_MEMBER', 'The device is a member of this project already.');
        members.former = members.former.filter((one) => one !== again);
        members.devices = [...members.devices, memberDevice(again.device, { ...again, role: request.role })];
        this.#note({ kind: 'readmitted', device: this.#party(request.device), role: request.role });
        return { kind: 'done' };
      }
      case 'revokeInvitation':
        this.#own().invitations = this.#own().invitations.filter(({ id }) => id !== request.invitation);
        this.#note({ kind: 'revoked', invitation: request.invitation, role: null });
        return { kind: 'done' };
      case 'changeProjectKey':
        this.#own().isKeyDue = false;
        this.#note({ kind: 'keyChanged' });
        return { kind: 'done' };
      case 'beginPairing':
        this.pairing = this.#begun(request.project, request.at.kind === 'machine' ? request.at.machine : request.at.address);
        return { kind: 'pairing', pairing: this.pairing };
      case 'answerPairing':
        this.#answered(request.code);
        return { kind: 'done' };
      case 'becomePeer':
        return { kind: 'done' };
      case 'cancelPairing':
        this.pairing = null;
        return { kind: 'done' };
      default:
        return undefined;
    }
  }

  /** The members, for what only owners may change. */
  #own(): Members {
    const { members } = this;
    if (members?.role !== 'owner') throw NOT_AN_OWNER;
    return members;
  }

  #put(device: string, role: MemberRole): void {
    const members = this.#own();
    const owners = members.devices.filter((one) => one.role === 'owner' && (one.device !== device || role === 'owner'));
    if (owners.length === 0 && role !== 'owner') throw failure('LAST_OWNER', 'A project needs an owner. Make somebody else an owner first.');
    members.devices = members.devices.map((one) => (one.device === device ? { ...one, role } : one));
    this.#note({ kind: 'roleChanged', device: this.#party(device), role });
  }

  #removed(members: Members, device: string): void {
    const gone = members.devices.find((one) => one.device === device);
    if (!gone) return;
    const { words, person, name } = gone;
    members.devices = members.devices.filter((one) => one !== gone);
    members.former = [...members.former, { device, words, person, name, hasLeft: false }];
  }

  #invited(role: MemberRole, hours: number, uses: number): Reply {
    const id = `invitation-${++this.#made}`;
    this.members?.invitations.push({ id, role, uses, used: 0, expiresAt: this.now() + hours * HOUR });
    this.#note({ kind: 'invited', invitation: id, role, uses });
    return { kind: 'invitation', invitation: `talus://join#${id}-${'QR'.repeat(90)}` };
  }

  #begun(project: string, at: string): Pairing {
    const found = this.nearby.machines.find(({ machine }) => machine === at);
    return {
      id: ++this.#made, side: 'sharing', project, state: { kind: 'typing', until: this.now() + 120_000 },
      peer: { words: found?.words ?? null, device: null, address: found?.address ?? at, name: null },
      hers: null,
    };
  }

  #answered(code: string): void {
    if (this.pairing === null) throw failure('PAIRING_GONE', 'This pairing is over.');
    const wrong = failure('PAIRING_WRONG_CODE', 'The code was wrong. Try again: the other computer shows another one.');
    this.pairing = { ...this.pairing, state: code === RIGHT_CODE ? { kind: 'done' } : { kind: 'failed', failure: wrong, retryAt: null } };
  }

  #party(device: string): Party {
    const known = this.members?.devices.find((one) => one.device === device) ?? memberDevice(device);
    return { device, words: known.words, isMe: known.isMe, name: known.name };
  }

  #note(deed: Deed): void {
    this.activity = [...this.activity, { id: `record-${this.activity.length}`, by: this.#party(this.me.device), deed }];
  }
}
