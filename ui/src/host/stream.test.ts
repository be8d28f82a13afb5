import { describe, expect, it } from 'vitest';

import { messagesOf } from './stream';

function streamOf(bytes: Uint8Array, pieceBytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceBytes) controller.enqueue(bytes.slice(at, at + pieceBytes));
      controller.close();
    },
  });
}

async function read(text: string, pieceBytes: number): Promise<string[]> {
  const found: string[] = [];
  for await (const message of messagesOf(streamOf(new TextEncoder().encode(text), pieceBytes))) found.push(message);
  return found;
}

describe('messagesOf', () => {
  it('finds messages however they are cut', async () => {
    const text = ':\n\ndata: ["über 日本 🔧"]\n\n:\n\ndata: [1,2]\n\n';
    for (const pieceBytes of [1, 2, 3, 7, 1000]) {
      expect(await read(text, pieceBytes)).toEqual(['["über 日本 🔧"]', '[1,2]']);
    }
  });

  it('takes no message for whole that broke off', async () => {
    expect(await read('data: [1]\n\ndata: [2', 4)).toEqual(['[1]']);
  });
});
