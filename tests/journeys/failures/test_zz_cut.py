import asyncio, time
from tests.journeys.failures.conftest import *
from tests.journeys.failures.wire import Wire
from tests.journeys.failures.test_network import NAMES, FAR
async def test_cut(hub, people):
    async with Wire(hub.url) as wire:
        t=time.time()
        await people.gather(hub.url, NAMES, {FAR: wire.url})
        print("gathered", time.time()-t, flush=True)
        async def show():
            while True:
                await asyncio.sleep(3)
                for a in people.authors:
                    o=a.channel._parts.sender.outbox
                    print("   ", a.name, a.client.connected, a.channel.live, a.channel.version, a.begun, len(a.recorded), len(o.waiting), len(o.flying), [ (e.delayed,e.rebuilt,e.refused, e.recorded is not None, e.kept, e.light) for e in o.flying+o.waiting][:4], a.channel._held.broken, a.channel._parts.follower.inbox.qsize(), len(a.channel._parts.sender._settling), flush=True)
        async def harm():
            s=asyncio.create_task(show())
            for _ in range(5):
                t=time.time()
                await people.all_get_on()
                print("got on", time.time()-t, people.written, flush=True)
                wire.cut()
            await people.all_get_on()
            s.cancel()
        await people.while_writing(harm())
        print("verify")
        await people.verify(hub.url)
        await people.stack.aclose()
