// Stock socket.io clients that say what they hear: one line of JSON for each event.
//
// Arguments: the address, the token, and for each client a plan as JSON:
// {name, namespace, transports, session, spelling}. They leave when standard input ends.
import { io } from 'socket.io-client'

const [address, token, ...plans] = process.argv.slice(2)
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const sockets = plans.map((text) => {
  const { name, namespace, transports, session, spelling } = JSON.parse(text)
  const socket = io(address + namespace, {
    transports,
    forceNew: true,
    reconnection: false,
    auth: { token, spelling, client: name },
  })
  socket.onAny((event, payload) => say({ client: name, event, payload }))
  socket.on('connect', () => {
    socket.emit('ping')
    socket.emit('join_session', { session_id: session })
  })
  socket.on('connect_error', (error) => say({ client: name, event: 'connect_error', payload: String(error.message) }))
  socket.on('disconnect', (reason) => say({ client: name, event: 'disconnect', payload: reason }))
  return { name, session, socket }
})

// A line is an order: {client, event, payload}, to be sent, so many `times`; or {client, close}. The event `binary` sends as
// many bytes as its payload says, and `raw` its payload as the text of a packet.
let rest = ''
process.stdin.on('data', (chunk) => {
  rest += chunk
  const lines = rest.split('\n')
  rest = lines.pop()
  for (const line of lines.map((text) => JSON.parse(text))) {
    const { socket } = sockets.find(({ name }) => name === line.client)
    if (line.close) socket.disconnect()
    else if (line.event === 'raw') socket.io.engine.write(line.payload)
    else if (line.event === 'binary') socket.emit('binary', Buffer.alloc(line.payload))
    else for (let time = 0; time < (line.times ?? 1); time += 1) socket.emit(line.event, line.payload)
  }
})
process.stdin.on('end', () => {
  for (const { socket } of sockets) socket.disconnect()
})
