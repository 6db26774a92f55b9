"""The log of an application: what `/scriptlog` shows (`contract/config.md` §11, `contract/cloud.md` §10)."""
