// Names by which tests of the real window find things. They are promises: changing one is changing a test.
//
// Rows      [data-node="<id>"] role="row", aria-level, aria-setsize, aria-posinset, aria-selected, aria-expanded,
//           data-type="<type id>"; within: [data-testid="row-title"], [data-part="fold|add|status|select|title"],
//           cells carry data-field="<field id>"
// The grid  [data-testid="outline-grid"] role="treegrid" has the keyboard; aria-activedescendant="row-<node id>"
// Actions   menu rows: [data-testid="action-<action id>"], for example action-node.trash; typed add menu:
//           add-<type key> (below the row), add-beneath-<type key>; options: option-<option id>; columns: column-<field key>
// Views     view-<view id> in the rail: view-outline, view-graph, view-problems, view-trash, view-template
// Palette   rows: [data-palette="<action id | node id | type id>"]
// Inspector one [data-testid="inspector-field"] per field, with data-field="<field key>"; links-blockedBy, links-blocks,
//           links-relatesTo
// Welcome   cards carry data-key="<template key>", recent projects data-project="<project id>"
// Graph     cards carry data-node="<node id>", as items of the trash do
// Notices   bell: data-unread; notices: data-kind="<kind>" data-read; problems: data-problem="<node id>" data-kind="<kind>"
// Conflicts race-choose: data-choice="keep|take"
// Settings  switches stand in data-switch="<name>"; settings-<me|appearance|notifications|network|shortcuts|backups|about>, discovery-<all|named|off>, theme-<theme>, density-<density>, weekday-<1|6|7>
// Template  rows of the list carry data-key="<key>"
// Sharing   sharing-chip: data-state="alone|joining|live|syncing|offline|problem"; people and peers carry data-person="<person id>";
//           visitors and typing stand within the row; sharing-failure: data-code="<code>"
// Links     peer-link: data-origin="typed|relay|found|visitor", data-state="up|dialling|waiting|ended", data-address;
//           network-doctor: data-state="running|failed|ready"; network-finding: data-code, data-status="ok|unknown|warn|fail"
// Toasts    data-kind="done|note|failed"; saving: data-state="saved|saving|unsaved"

export const testids = {
  outline: {
    grid: 'outline-grid',
    nothing: 'outline-nothing',
    titleEditor: 'title-editor',
    draftRow: 'draft-row',
    rowTitle: 'row-title',
    addMenu: 'add-menu',
    columnsMenu: 'columns-menu',
    foldAll: 'fold-all',
    unfoldAll: 'unfold-all',
    dropLine: 'drop-line',
    findInput: 'find-input',
    findCount: 'find-count',
  },
  shell: {
    projectMenu: 'project-menu',
    openPalette: 'open-palette',
    palette: 'palette',
    paletteInput: 'palette-input',
    openShortcuts: 'open-shortcuts',
    shortcutSheet: 'shortcut-sheet',
    openSettings: 'open-settings',
    toggleInspector: 'toggle-inspector',
    inspector: 'inspector',
    projectName: 'project-name',
    statusProblems: 'status-problems',
    statusTrash: 'status-trash',
    statusUndo: 'status-undo',
    saving: 'saving',
    retrySaving: 'retry-saving',
    underway: 'underway',
    cancelUnderway: 'underway-cancel',
    toast: 'toast',
    toastAction: 'toast-action',
    trouble: 'trouble',
    fileDrop: 'file-drop',
  },
  welcome: {
    page: 'welcome',
    openFile: 'open-file',
    recentProject: 'recent-project',
    sampleCard: 'sample-card',
    templateCard: 'template-card',
    nameInput: 'project-name-input',
    create: 'project-create',
    meName: 'me-name',
    meDone: 'me-done',
  },
  inspector: {
    title: 'inspector-title',
    field: 'inspector-field',
    prose: 'prose',
    writeProse: 'prose-write',
    proseEditor: 'prose-editor',
    comment: 'comment-body',
    newComment: 'comment-new',
    nodePicker: 'node-picker',
    summary: 'project-summary',
    unmapped: 'inspector-unmapped',
  },
  graph: { card: 'graph-node' },
  problems: { row: 'problem' },
  trash: { row: 'trash-item', restore: 'trash-restore' },
  settings: { page: 'settings', notifyTry: 'notify-try' },
  notices: { bell: 'bell', list: 'notices', entry: 'notice', mark: 'notice-mark', markAll: 'notices-mark-all' },
  conflicts: { race: 'race', chooseSide: 'race-choose', dismissRace: 'race-dismiss', side: 'conflict-side' },
  sharing: {
    chip: 'sharing-chip',
    people: 'people',
    person: 'person',
    more: 'people-more',
    peers: 'peers',
    peer: 'peer',
    peersInvite: 'peers-invite',
    syncNow: 'sync-now',
    copyDiagnostics: 'copy-diagnostics',
    link: 'peer-link',
    addressInput: 'address-input',
    addAddress: 'add-address',
    removeAddress: 'remove-address',
    checkAddress: 'check-address',
    checkNetwork: 'check-network',
    doctor: 'network-doctor',
    carry: 'export-changes',
    carryWrite: 'export-changes-write',
    brought: 'import-changes',
    finding: 'network-finding',
    shareDialog: 'share-dialog',
    share: 'share-project',
    invitation: 'invitation',
    copyInvitation: 'copy-invitation',
    failure: 'sharing-failure',
    joinProject: 'join-project',
    joinDialog: 'join-dialog',
    joinText: 'join-text',
    join: 'join',
    joining: 'joining',
    visitors: 'visitors',
    typing: 'typing',
  },
  template: {
    addType: 'add-type',
    addField: 'add-field',
    type: 'template-type',
    field: 'template-field',
    typeForm: 'type-form',
    fieldForm: 'field-form',
    option: 'option-row',
    fieldDefault: 'field-default',
    score: 'score',
  },
} as const;
