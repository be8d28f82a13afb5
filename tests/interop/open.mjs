// A stock client of automerge-repo that is measured: it says how long it took to have a project, in milliseconds, and how many
// items that has; then when it heard of each change, in milliseconds since 1970.
//
// Arguments: the address of the door with what stands behind the `?`, and the automerge URL. It leaves when standard input ends.
import { Repo } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'

const [door, url] = process.argv.slice(2)
process.stdin.resume().on('end', () => process.exit())

const begun = performance.now()
const repo = new Repo({ network: [new WebSocketClientAdapter(door)] })
const handle = await repo.find(url)
const count = Object.values(handle.doc().nodes).reduce((sum, bucket) => sum + Object.keys(bucket).length, 0)
handle.on('change', () => console.log(performance.timeOrigin + performance.now()))
console.log(`${performance.now() - begun} ${count}`)
