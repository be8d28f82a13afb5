// The application as this window sees it: catalogue, settings, saving, and the one open project.

import type { Event, Failure, Pairing, ProjectId, ProjectSummary, SaveState, Serving, Settings, TaskId, TemplateSummary } from '../bindings/app';
import type { Person } from '../bindings/graph';
import { host, type Loss } from '../host';
import { hostFailure, isFailure } from '../host/answer';
import { isChangesFile } from './files';
import { Layout } from './layout.svelte';
import { pairing } from './pairing.svelte';
import { Project } from './project.svelte';
import { toasts } from './toasts.svelte';
import { follow, type Underway } from './underway';

/** What the window shows. */
export type Phase =
  | { kind: 'starting' }
  | { kind: 'locked' }
  | { kind: 'withheld'; failure: Failure }
  | { kind: 'welcome' }
  | { kind: 'opening'; project: ProjectId }
  | { kind: 'open'; project: Project }
  | { kind: 'failed'; failure: Failure; retry: () => void }
  | { kind: 'crashed'; project: ProjectId; report: string };

class App {
  phase = $state.raw<Phase>({ kind: 'starting' });
  version = $state('');
  me = $state.raw<Person>({ name: '', colour: '#58a6ff' });
  settings = $state.raw<Settings>({
    theme: 'dark',
    density: 'normal',
    reopenLast: true,
    firstWeekday: 1,
    reduceMotion: false,
    showsWhereabouts: true,
    notify: { assigned: true, mentioned: true, blocked: true, conflicts: true, people: true, onDesktop: true },
    attachmentsMb: 4096,
    shortcuts: {},
    relays: [],
    discovery: { kind: 'all' },
    port: 0,
    letsProgramsIn: false,
  });
  projects = $state.raw<readonly ProjectSummary[]>([]);
  templates = $state.raw<readonly TemplateSummary[]>([]);
  saving = $state.raw<SaveState>({ kind: 'saving' });
  /** Files and links that the application was started with and nobody has opened yet. */
  arguments = $state.raw<readonly string[]>([]);
  /** Where programs of this machine reach the projects. */
  serving = $state.raw<Serving>({ address: null, tokenFile: null, failure: null });
  /** Whether projects can be shared here. */
  canShare = $state(false);
  /** An invitation that the application was given and nobody has answered yet. */
  invitation = $state.raw<string | null>(null);
  /** A file of changes that the application was given and nobody has taken in yet. */
  changes = $state.raw<string | null>(null);
  /** The way to the application is lost. */
  loss = $state<Loss | null>(null);
  /** What takes long. */
  underway = $state.raw<readonly Underway[]>([]);
  readonly layout = new Layout(null);
  #listening = false;
  #loading: Project | null = null;

  /** The open project, if one is. */
  get project(): Project | null {
    return this.phase.kind === 'open' ? this.phase.project : null;
  }

  start = async (): Promise<void> => {
    this.phase = { kind: 'starting' };
    try {
      if (!this.#listening) await host.listen((event) => this.#absorb(event), () => this.#catchUp(), (loss) => (this.loss = loss));
      this.#listening = true;
      const [started] = await Promise.all([host.call({ kind: 'start' }), this.layout.load()]);
      this.version = started.version;
      this.me = started.me;
      this.settings = started.settings;
      this.projects = started.projects;
      this.templates = started.templates;
      this.saving = started.saving;
      this.arguments = started.arguments;
      this.canShare = started.canShare;
      if (this.canShare) this.#readPairing();
      this.#readServing();
      if (started.reopen === null) this.phase = { kind: 'welcome' };
      else await this.open(started.reopen);
    } catch (thrown) {
      if (isFailure(thrown) && thrown.code === 'LOCKED') this.phase = { kind: 'locked' };
      else if (isFailure(thrown) && thrown.code.startsWith('KEYCHAIN_')) this.phase = { kind: 'withheld', failure: thrown };
      else this.#failed(thrown, this.start);
    }
  };

  /** Opens a project in this window; the one before is closed. */
  open = async (id: ProjectId): Promise<void> => {
    if (this.project?.id === id) return;
    await this.#leave();
    this.phase = { kind: 'opening', project: id };
    try {
      const { notices } = await host.call({ kind: 'openProject', project: id });
      const project = (this.#loading = new Project(id));
      await Promise.all([project.load(), ...(this.canShare ? [project.room.begin(), project.membership.begin(), project.notices.begin()] : [])]);
      void project.attachments.begin();
      if (this.#loading !== project) return;
      this.phase = { kind: 'open', project };
      if (notices.length > 0) toasts.show('The project is open.', { details: notices });
    } catch (thrown) {
      this.#failed(thrown, () => void this.open(id));
    }
  };

  /** Makes a project and opens it. Rejects with a `Failure`. */
  async create(template: string, name: string, sample: boolean): Promise<void> {
    const { project } = await host.call({ kind: 'createProject', template, name, sample });
    await this.open(project);
  }

  /** Makes a project of a `.talus` file and opens it. Rejects with a `Failure`. */
  async openFile(path: string): Promise<void> {
    const { project, notices } = await host.call({ kind: 'importProject', path });
    await this.open(project);
    if (notices.length > 0) toasts.show('The project is open.', { details: notices });
  }

  /** Enters the room that an invitation leads to, and opens its project. Rejects with a `Failure`. */
  async join(invitation: string): Promise<void> {
    const { project } = await host.call({ kind: 'joinProject', invitation });
    await this.open(project);
  }

  /** Opens the files that the application was given; the last one stays in this window. Links are asked about first. */
  async openArguments(): Promise<void> {
    const given = this.arguments;
    this.arguments = [];
    for (const path of given) {
      if (path.startsWith('talus://')) {
        this.invitation = path;
        continue;
      }
      if (isChangesFile(path)) {
        this.changes = path;
        continue;
      }
      try {
        await this.openFile(path);
      } catch (thrown) {
        toasts.failFile(path, thrown);
      }
    }
  }

  /** Back to the welcome screen. */
  close = async (): Promise<void> => {
    await this.#leave();
    this.phase = { kind: 'welcome' };
  };

  async #leave(): Promise<void> {
    const project = this.project;
    this.#loading = null;
    if (!project) return;
    await project.layout.flush();
    await host.call({ kind: 'closeProject', project: project.id }).catch((thrown) => toasts.fail(thrown));
  }

  /** Changes some settings; the event that follows brings them back. */
  async putSettings(changes: Partial<Settings>): Promise<void> {
    const settings = { ...this.settings, ...changes };
    this.settings = settings;
    await host.call({ kind: 'putSettings', settings }).catch((thrown) => toasts.fail(thrown));
  }

  /** Whether the person here has a name, or has said that they want none. */
  get isIntroduced(): boolean {
    return this.me.name.trim() !== '' || this.layout.get('nameSkipped', false);
  }

  skipName(): void {
    this.layout.put('nameSkipped', true);
  }

  /** Is the person that the other computer of a pairing has said this one is. Rejects with a `Failure`. */
  async becomePeer({ id, hers }: Pairing): Promise<void> {
    await host.call({ kind: 'becomePeer', pairing: id });
    if (hers !== null) this.me = hers;
  }

  async putMe(me: Person): Promise<void> {
    await host.call({ kind: 'putMe', me });
    this.me = me;
  }

  retrySaving = (): void => {
    host.call({ kind: 'retrySaving' }).catch((thrown) => toasts.fail(thrown));
  };

  /** Gives up what takes long; whoever asked for it is told that it was cancelled. */
  cancel(task: TaskId): void {
    host.call({ kind: 'cancel', task }).catch((thrown) => toasts.fail(thrown));
  }

  #catchUp(): void {
    this.loss = null;
    this.underway = [];
    if (this.canShare) this.#readPairing();
    this.#readServing();
    const project = this.project;
    if (!project) return;
    if (this.canShare) void Promise.all([project.room.begin(), project.membership.begin(), project.notices.begin()]);
    void project.attachments.begin();
    project.sync().catch((thrown) => toasts.fail(thrown));
  }

  #absorb(event: Event): void {
    switch (event.kind) {
      case 'changed':
        if (event.project === this.project?.id) this.project.absorb(event);
        else if (event.project === this.#loading?.id) this.#loading.absorb(event);
        break;
      case 'sharing':
        if (event.project === this.project?.id) this.project.room.absorb(event.sharing);
        else if (event.project === this.#loading?.id) this.#loading.room.absorb(event.sharing);
        break;
      case 'members':
        if (event.project === this.project?.id) this.project.membership.absorb(event.members);
        else if (event.project === this.#loading?.id) this.#loading.membership.absorb(event.members);
        break;
      case 'pairing':
        pairing.absorb(event.pairing);
        break;
      case 'notices':
        if (event.project === this.project?.id) this.project.notices.absorb(event.entries, event.fresh);
        else if (event.project === this.#loading?.id) this.#loading.notices.absorb(event.entries, event.fresh);
        break;
      case 'links':
        if (event.project === this.project?.id) this.project.room.absorbLinks(event.links);
        else if (event.project === this.#loading?.id) this.#loading.room.absorbLinks(event.links);
        break;
      case 'attachments':
        if (event.project === this.project?.id) this.project.attachments.absorb(event.attachments);
        else if (event.project === this.#loading?.id) this.#loading.attachments.absorb(event.attachments);
        break;
      case 'saving':
        this.saving = event.state;
        break;
      case 'projects':
        this.projects = event.projects;
        break;
      case 'settings':
        this.settings = event.settings;
        break;
      case 'serving':
        this.serving = event.serving;
        break;
      case 'arguments':
        this.arguments = event.arguments;
        break;
      case 'progress':
      case 'ended':
        this.underway = follow(this.underway, event);
        break;
      case 'crashed':
        if (event.project === this.project?.id) {
          this.phase = { kind: 'crashed', project: event.project, report: event.report };
        }
        break;
    }
  }

  #readPairing(): void {
    pairing.read().catch(() => {
      // An event tells of the next one.
    });
  }

  #readServing(): void {
    host.call({ kind: 'readServing' }).then(
      ({ address, tokenFile, failure }) => (this.serving = { address, tokenFile, failure }),
      () => {
        // An event tells of the next change.
      },
    );
  }

  #failed(thrown: unknown, retry: () => void): void {
    const failure = isFailure(thrown)
      ? thrown
      : hostFailure('WINDOW_FAILED', 'Something went wrong in this window.', thrown);
    if (failure.code === 'CANCELLED') this.phase = { kind: 'welcome' };
    else this.phase = { kind: 'failed', failure, retry };
  }
}

export const app = new App();
