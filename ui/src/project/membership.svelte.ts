// Who is a member of the open project, and what this computer may, as far as the window has heard.

import type { Activity, MemberRole, Members, ProjectId } from '../bindings/app';
import { host } from '../host';
import { whyNot } from './why_not';

export class Membership {
  #members = $state.raw<Members | null>(null);
  /** Counts what was heard, so that an answer never replaces what is newer. */
  #heard = 0;

  constructor(readonly project: ProjectId) {}

  /** Null: the project is not shared, or that is not known yet. */
  get members(): Members | null {
    return this.#members;
  }

  /** Why this computer may not change the project; null: it may. */
  readonly whyNotWrite: string | null = $derived(whyNot('write', this.#members));
  /** Why it may not write comments. */
  readonly whyNotComment: string | null = $derived(whyNot('comment', this.#members));
  /** Why it may not say who may. */
  readonly whyNotOwn: string | null = $derived(whyNot('own', this.#members));

  /** Asks who is a member; events follow. Rejects with a `Failure`. */
  async read(): Promise<void> {
    const heard = this.#heard;
    const { members } = await host.call({ kind: 'readMembers', project: this.project });
    if (heard === this.#heard) this.#members = members;
  }

  /** The same, for a project that is there whether or not it can be said who its members are. */
  async begin(): Promise<void> {
    await this.read().catch(() => {
      // Events will tell, and the application refuses what may not be.
    });
  }

  absorb(members: Members): void {
    this.#heard++;
    this.#members = members;
  }

  /** What happened to the members, the newest last. Rejects with a `Failure`. */
  async activity(): Promise<readonly Activity[]> {
    return (await host.call({ kind: 'readActivity', project: this.project })).activity;
  }

  // ---- what is said in the log, by owners unless it is about oneself; each rejects with a `Failure` ----

  /** Makes an invitation on these terms. The text by which others join. */
  async invite(role: MemberRole, hours: number, uses: number): Promise<string> {
    const { invitation } = await host.call({ kind: 'inviteAs', project: this.project, role, hours, uses });
    await this.begin();
    return invitation;
  }

  changeRole(device: string, role: MemberRole): Promise<void> {
    return this.#say(host.call({ kind: 'changeRole', project: this.project, device, role }));
  }

  remove(device: string): Promise<void> {
    return this.#say(host.call({ kind: 'removeMember', project: this.project, device }));
  }

  leave(): Promise<void> {
    return this.#say(host.call({ kind: 'leaveProject', project: this.project }));
  }

  /** Lets in again whoever was removed or has left. */
  readmit(device: string, role: MemberRole): Promise<void> {
    return this.#say(host.call({ kind: 'readmitMember', project: this.project, device, role }));
  }

  handOver(device: string): Promise<void> {
    return this.#say(host.call({ kind: 'handOverProject', project: this.project, device }));
  }

  revoke(invitation: string): Promise<void> {
    return this.#say(host.call({ kind: 'revokeInvitation', project: this.project, invitation }));
  }

  changeKey(): Promise<void> {
    return this.#say(host.call({ kind: 'changeProjectKey', project: this.project }));
  }

  async #say(said: Promise<unknown>): Promise<void> {
    await said;
    await this.begin();
  }
}
