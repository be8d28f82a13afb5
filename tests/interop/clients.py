"""Stock python-socketio clients that say what they hear: one line of JSON for each event.

Arguments: the address, the token, and for each client a plan as JSON:
{name, namespace, transports, session, spelling}. They leave when standard input ends.

The asynchronous client, since the other one has a thread for each event, and so no order among them.
"""

import asyncio
import json
import sys

import socketio


def say(name, event, payload=None):
    print(json.dumps({"client": name, "event": event, "payload": payload}), flush=True)


async def start(address, token, plan):
    name, namespace = plan["name"], plan["namespace"]
    client = socketio.AsyncClient(reconnection=False)

    async def greet():
        await client.emit("ping", namespace=namespace)
        await client.emit("join_session", {"session_id": plan["session"]}, namespace=namespace)

    client.on("*", lambda event, payload=None: say(name, event, payload), namespace=namespace)
    client.on("connect", greet, namespace=namespace)
    client.on("disconnect", lambda *reason: say(name, "disconnect", str(reason)), namespace=namespace)
    try:
        await client.connect(
            address,
            namespaces=[namespace],
            transports=plan["transports"],
            auth={"token": token, "spelling": plan["spelling"], "client": name},
        )
    except socketio.exceptions.ConnectionError as error:
        say(name, "connect_error", str(error))
    return client, namespace


async def main(address, token, *plans):
    plans = [json.loads(plan) for plan in plans]
    clients = {plan["name"]: await start(address, token, plan) for plan in plans}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        client, namespace = clients[order["client"]]
        if order.get("close"):
            await client.disconnect()
        else:
            await client.emit(order["event"], order["payload"], namespace=namespace)
    for client, _ in clients.values():
        await client.disconnect()


asyncio.run(main(*sys.argv[1:]))
