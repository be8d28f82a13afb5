// Server-sent events (WHATWG HTML, 9.2), as far as our own server makes use of them: one line of data a message.
//
// Not `EventSource`: it says nothing of why it is refused, and sends no header.

/** The data of each message. Ends with the stream, and throws if it breaks off. */
export async function* messagesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let waiting = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    waiting += decoder.decode(value, { stream: true });
    const messages = waiting.split('\n\n');
    waiting = messages.pop() ?? '';
    for (const message of messages) {
      // Others are signs of life.
      if (message.startsWith('data: ')) yield message.slice(6);
    }
  }
}
