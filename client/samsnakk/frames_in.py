"""Which part of a client a frame of the hub is for."""

from collections.abc import Mapping

from domain.ids import ChannelId
from protocol import frames
from samsnakk.channel import Channel
from samsnakk.channel_reading import Parts


def hand_on(frame: frames.HubFrame, channels: Mapping[ChannelId, Parts], opened: Mapping[ChannelId, Channel]) -> None:
    """Give the frame to the channel that it is about; what is about none of them is dropped."""
    match frame:
        case frames.Refused():
            _refused(frame, channels)
        case frames.Receipt(channel=channel) if channel in channels:
            channels[channel].sender.receipt(frame)
        case frames.IsTyping(channel=channel, thread=thread, device=device) if channel in opened:
            opened[channel].when_typing(device, thread)
        case frames.Events() | frames.Subscribed() | frames.Unsubscribed() | frames.Fetched() | frames.Noticed():
            if frame.channel in channels:
                channels[frame.channel].follower.inbox.put_nowait(frame)
        case _:
            pass


def _refused(frame: frames.Refused, channels: Mapping[ChannelId, Parts]) -> None:
    for parts in channels.values():
        if parts.sender.refused(frame):
            return
        if parts.follower.mine(frame):
            parts.follower.inbox.put_nowait(frame)
            return
