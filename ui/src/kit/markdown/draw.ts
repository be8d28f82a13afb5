// Markdown as elements, for reading. Everything is made by `createElement` and text nodes, and no attribute comes from
// the text but the address of a link: what somebody wrote can look like markup, but never become any. HTML is shown as it was
// typed, a picture is a link to it, and nothing is fetched.

import type { SyntaxNode } from '@lezer/common';
import { GFM, parser } from '@lezer/markdown';

import { entity } from './entity';
import { safeAddress } from './address';

const reader = parser.configure(GFM);

/** Quotes, lists and emphasis within each other; deeper ones are shown as they were typed. */
const DEEPEST = 16;

/** Headings of a note stand below those of the pane that shows it. */
const HEADINGS: Readonly<Record<string, string>> = {
  ATXHeading1: 'h4', ATXHeading2: 'h5', ATXHeading3: 'h6', ATXHeading4: 'h6', ATXHeading5: 'h6', ATXHeading6: 'h6',
  SetextHeading1: 'h4', SetextHeading2: 'h5',
};
const WRAPPED: Readonly<Record<string, string>> = { Emphasis: 'em', StrongEmphasis: 'strong', Strikethrough: 'del' };

/** The elements of a text, in the order of the page. */
export function drawMarkdown(text: string): Node[] {
  return new Drawing(text).blocks(reader.parse(text).topNode, 0);
}

class Drawing {
  /** Addresses that links name by a label. */
  #named = new Map<string, string>();

  constructor(private readonly text: string) {}

  blocks(parent: SyntaxNode, depth: number): Node[] {
    const children = childrenOf(parent);
    for (const child of children) if (child.name === 'LinkReference') this.#note(child);
    return children.flatMap((child) => this.#block(child, depth));
  }

  #block(node: SyntaxNode, depth: number): Node[] {
    if (depth > DEEPEST) return [element('p', [this.#source(node)])];
    const heading = HEADINGS[node.name];
    if (heading) return [element(heading, this.#inline(node, depth))];
    switch (node.name) {
      case 'Paragraph':
        return [element('p', this.#inline(node, depth))];
      case 'Blockquote':
        return [element('blockquote', this.blocks(node, depth + 1))];
      case 'BulletList':
      case 'OrderedList':
        return [this.#list(node, depth)];
      case 'FencedCode':
      case 'CodeBlock':
        return [element('pre', [element('code', [childrenOf(node, 'CodeText').map((code) => this.#source(code)).join('')])])];
      case 'Table':
        return [this.#table(node, depth)];
      case 'HorizontalRule':
        return [element('hr')];
      case 'HTMLBlock':
      case 'CommentBlock':
      case 'ProcessingInstructionBlock':
        return [element('p', lines(this.#source(node)))];
      default:
        return [];
    }
  }

  #list(node: SyntaxNode, depth: number): Node {
    const items = childrenOf(node, 'ListItem').map((item) => this.#item(item, depth));
    if (node.name === 'BulletList') return element('ul', items);
    const list = element('ol', items);
    const mark = node.getChild('ListItem')?.getChild('ListMark');
    const start = Number.parseInt(mark ? this.#source(mark) : '1', 10);
    if (start !== 1) list.setAttribute('start', String(start));
    return list;
  }

  #item(node: SyntaxNode, depth: number): Node {
    const task = node.getChild('Task');
    if (!task) {
      // A tight list has one line in each item; as a paragraph it would stand apart.
      const [first, ...rest] = this.blocks(node, depth + 1);
      const line = first instanceof HTMLParagraphElement ? [...first.childNodes] : first ? [first] : [];
      return element('li', [...line, ...rest]);
    }
    const marker = task.getChild('TaskMarker');
    const isDone = /x/i.test(marker ? this.#source(marker) : '');
    const box = element('span', [isDone ? '☑' : '☐']);
    box.setAttribute('role', 'img');
    box.setAttribute('aria-label', isDone ? 'done' : 'to do');
    const others = childrenOf(node).filter((child) => child.name !== 'Task');
    const item = element('li', [box, ' ', ...this.#inline(task, depth), ...others.flatMap((child) => this.#block(child, depth + 1))]);
    item.className = 'task';
    return item;
  }

  #table(node: SyntaxNode, depth: number): Node {
    const delimiter = node.getChild('TableDelimiter');
    const sides = (delimiter ? this.#source(delimiter) : '').replace(/^\s*\||\|\s*$/g, '').split('|').map(sideOf);
    const row = (line: SyntaxNode, tag: string) =>
      element('tr', childrenOf(line, 'TableCell').map((cell, at) => {
        const drawn = element(tag, this.#inline(cell, depth));
        drawn.style.textAlign = sides[at] ?? 'start';
        return drawn;
      }));
    const head = childrenOf(node, 'TableHeader').map((line) => row(line, 'th'));
    const body = childrenOf(node, 'TableRow').map((line) => row(line, 'td'));
    return element('table', [element('thead', head), element('tbody', body)]);
  }

  /** What stands in a line: text between the nodes, and the nodes without their marks. */
  #inline(parent: SyntaxNode, depth: number, from = parent.from, to = parent.to): Node[] {
    const drawn: Node[] = [];
    let at = from;
    const upTo = (end: number) => {
      if (end > at) drawn.push(...lines(this.text.slice(at, end)));
    };
    for (const child of childrenOf(parent)) {
      if (child.from < from || child.to > to) continue;
      upTo(child.from);
      at = child.to;
      if (child.name === 'QuoteMark' || child.name === 'HeaderMark') {
        // The blank after such a mark belongs to it, the one before closing marks too.
        while (this.text[at] === ' ') at++;
      }
      drawn.push(...this.#span(child, depth + 1));
    }
    upTo(to);
    return trimmed(drawn);
  }

  #span(node: SyntaxNode, depth: number): Node[] {
    if (depth > DEEPEST) return [document.createTextNode(this.#source(node))];
    const wrapped = WRAPPED[node.name];
    if (wrapped) return [element(wrapped, this.#inline(node, depth))];
    switch (node.name) {
      case 'InlineCode':
        return [element('code', [this.#source(node).replace(/^`+ ?| ?`+$/g, '')])];
      case 'Link':
      case 'Image':
        return this.#link(node, depth);
      case 'Autolink':
        return linked(this.#source(node).slice(1, -1), [this.#source(node).slice(1, -1)]);
      case 'URL':
        return linked(this.#source(node), [this.#source(node)]);
      case 'Escape':
        return [document.createTextNode(this.#source(node).slice(1))];
      case 'Entity':
        return [document.createTextNode(entity(this.#source(node)))];
      case 'HardBreak':
        return [element('br')];
      case 'HTMLTag':
      case 'Comment':
      case 'ProcessingInstruction':
        return lines(this.#source(node));
      default:
        return [];
    }
  }

  /** A picture is a link too: fetching it would tell a stranger who reads what. */
  #link(node: SyntaxNode, depth: number): Node[] {
    const [open, close] = childrenOf(node, 'LinkMark');
    const inside = open && close ? this.#inline(node, depth, open.to, close.from) : [];
    const url = node.getChild('URL');
    const label = node.getChild('LinkLabel');
    const words = open && close ? this.text.slice(open.to, close.from) : '';
    const target = url ? this.#source(url) : this.#named.get(nameOf(label ? this.#source(label) : words));
    if (target === undefined) return lines(this.#source(node));
    return linked(target, inside.length > 0 ? inside : [target]);
  }

  #note(node: SyntaxNode): void {
    const [label, url] = [node.getChild('LinkLabel'), node.getChild('URL')];
    if (label && url) this.#named.set(nameOf(this.#source(label)), this.#source(url));
  }

  #source(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }
}

function childrenOf(node: SyntaxNode, name?: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (name === undefined || child.name === name) found.push(child);
  return found;
}

function element(tag: string, inside: readonly (Node | string)[] = []): HTMLElement {
  const made = document.createElement(tag);
  made.append(...inside);
  return made;
}

/** Text whose line breaks are kept: notes are written as they are to be read. */
function lines(text: string): Node[] {
  return text.split(/\n[ \t]*/).flatMap((line, at) => [
    ...(at > 0 ? [element('br')] : []),
    ...(line === '' ? [] : [document.createTextNode(line)]),
  ]);
}

/** Without a blank or a break at either end. */
function trimmed(nodes: Node[]): Node[] {
  const isBreak = (node: Node | undefined) => node instanceof HTMLBRElement;
  while (isBreak(nodes[0])) nodes.shift();
  while (isBreak(nodes.at(-1))) nodes.pop();
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first instanceof Text) first.data = first.data.trimStart();
  if (last instanceof Text) last.data = last.data.trimEnd();
  return nodes;
}

const nameOf = (label: string): string => label.replace(/^\[|\]$/g, '').trim().toLowerCase().replace(/\s+/g, ' ');

function sideOf(cell: string): string {
  const [left, right] = [cell.trim().startsWith(':'), cell.trim().endsWith(':')];
  return left && right ? 'center' : right ? 'end' : 'start';
}

/** A link that leaves the window, or only its words where the address is none that a note may lead to. */
function linked(target: string, inside: readonly (Node | string)[]): Node[] {
  const address = safeAddress(target);
  if (address === null) return inside.map((part) => (typeof part === 'string' ? document.createTextNode(part) : part));
  const link = element('a', inside) as HTMLAnchorElement;
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.title = address;
  return [link];
}
