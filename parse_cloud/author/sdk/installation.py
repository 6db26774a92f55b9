"""Installations: devices that can be sent push notifications."""

from __future__ import annotations

from typing import Any, Final

from parse_cloud.author.sdk.object import Object

DEVICE_TYPES: Final = {
    "IOS": "ios",
    "MACOS": "macos",
    "TVOS": "tvos",
    "FCM": "fcm",
    "ANDROID": "android",
    "WEB": "web",
}


class Installation(Object):
    """A device, with its fields as attributes."""

    class_name = "_Installation"
    DEVICE_TYPES: Final = DEVICE_TYPES

    @property
    def app_identifier(self) -> Any:
        """The bundle or package of the app."""
        return self.get("appIdentifier")

    @property
    def app_version(self) -> Any:
        """The version of the app."""
        return self.get("appVersion")

    @property
    def app_name(self) -> Any:
        """The name of the app."""
        return self.get("appName")

    @property
    def badge(self) -> Any:
        """The number on the app's icon."""
        return self.get("badge")

    @property
    def channels(self) -> Any:
        """The channels that the device listens to."""
        return self.get("channels")

    @property
    def device_token(self) -> Any:
        """What the push service calls the device."""
        return self.get("deviceToken")

    @property
    def device_type(self) -> Any:
        """One of `DEVICE_TYPES`."""
        return self.get("deviceType")

    @property
    def gcm_sender_id(self) -> Any:
        """The sender that the device takes notifications from."""
        return self.get("GCMSenderId")

    @property
    def installation_id(self) -> Any:
        """What the app calls itself on this device."""
        return self.get("installationId")

    @property
    def locale_identifier(self) -> Any:
        """Language and country of the device: `en-US`."""
        return self.get("localeIdentifier")

    @property
    def parse_version(self) -> Any:
        """The version of the app's SDK."""
        return self.get("parseVersion")

    @property
    def push_type(self) -> Any:
        """The push service, where there is a choice."""
        return self.get("pushType")

    @property
    def time_zone(self) -> Any:
        """The device's time zone: `Europe/Berlin`."""
        return self.get("timeZone")
