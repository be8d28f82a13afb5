// Stock clients of automerge-repo that say what they see: one line of JSON for each event.
//
// Arguments: the address of the door, and for each client a plan as JSON: {name, url, query, raw}. `url` is the automerge
// URL of a project. They leave when standard input ends, and go on when they are not let in.
import WebSocket from 'isomorphic-ws'
import { ImmutableString, Repo, cbor, updateText } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'

const [address, ...plans] = process.argv.slice(2)
const say = (client, event, payload) => process.stdout.write(JSON.stringify({ client, event, payload }) + '\n')

/** All items of a project by id, their scalars as JavaScript has them. */
const items = (doc) => {
  const plain = (value) => (value instanceof ImmutableString ? value.toString() : value)
  const read = (item) => Object.fromEntries(Object.entries(item).map(([key, value]) => [key, plain(value)]))
  const all = Object.values(doc.nodes ?? {}).flatMap((bucket) => Object.entries(bucket))
  return Object.fromEntries(all.map(([id, item]) => [id, read(item)]))
}

const scalar = (value) => (typeof value === 'string' ? new ImmutableString(value) : value)
const item = (doc, id) => doc.nodes[id.slice(-2)][id]

/** What can be ordered. */
const edits = {
  put: (doc, { id, key, value }) => { item(doc, id)[key] = scalar(value) },
  clear: (doc, { id, key }) => { delete item(doc, id)[key] },
  type: (doc, { id, key, value }) => {
    if (item(doc, id)[key] === undefined) item(doc, id)[key] = ''
    updateText(doc, ['nodes', id.slice(-2), id, key], value)
  },
  make: (doc, { id, registers }) => {
    const made = Object.entries(registers).map(([key, value]) => [key, scalar(value)])
    doc.nodes[id.slice(-2)][id] = Object.fromEntries(made)
  },
  putText: (doc, { id, key, value }) => { item(doc, id)[key] = value },
  deleteContainer: (doc, { key }) => { delete doc[key] },
}

/** One that is no client: it sends this text, or these bytes so many times over, and says what it is told and how that ends. */
const visit = (name, query, { bytes, text, times = 1 }) => {
  const socket = new WebSocket(`${address}?${query}`)
  socket.addEventListener('open', () => socket.send(text ?? new Uint8Array(Array(times).fill(bytes).flat())))
  socket.addEventListener('message', ({ data }) => say(name, 'told', cbor.decode(new Uint8Array(data))))
  socket.addEventListener('close', ({ code, reason }) => say(name, 'closed', { code, reason }))
}

const clients = new Map()
for (const { name, url, query, raw } of plans.map((text) => JSON.parse(text))) {
  if (raw) {
    visit(name, query, raw)
    continue
  }
  const adapter = new WebSocketClientAdapter(`${address}?${query}`)
  const repo = new Repo({ network: [adapter] })
  // Let in or sent away: after a second the adapter says that it is ready even if it is neither, and nothing is found then.
  const answered = new Promise((resolve) => {
    adapter.on('peer-candidate', ({ peerId }) => {
      say(name, 'peer', peerId)
      resolve()
    })
    adapter.onClose = ({ code, reason }) => {
      say(name, 'closed', { code, reason })
      adapter.disconnect()
      resolve()
    }
  })
  const client = { repo, handle: undefined }
  clients.set(name, client)
  answered.then(() => repo.find(url)).then(
    (handle) => {
      client.handle = handle
      say(name, 'items', items(handle.doc()))
      handle.on('change', ({ doc }) => say(name, 'items', items(doc)))
    },
    (error) => say(name, 'unavailable', String(error.message)),
  )
}

// A line is an order: {client, edit, ...}.
let rest = ''
process.stdin.on('data', (chunk) => {
  rest += chunk
  const lines = rest.split('\n')
  rest = lines.pop()
  for (const order of lines.map((text) => JSON.parse(text))) {
    clients.get(order.client).handle.change((doc) => edits[order.edit](doc, order))
  }
})
process.stdin.on('end', () => process.exit())
