"""Every text with which options are refused (`contract/config.md` §6, `users.md` §3): options → the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAIL = {"emailAdapter": "mail.Adapter", "appName": "app", "publicServerURL": "https://example.com"}
LEVELS = '["error","warn","info","debug","verbose","silly","silent"]'
LIMIT = {"requestPath": "/login", "requestTimeWindow": 1000, "requestCount": 1}


def limit(**changes: Any) -> dict[str, Any]:
    """Options with one rate limit that is right but for `changes`; None takes a member out."""
    return {"rateLimit": [{key: value for key, value in {**LIMIT, **changes}.items() if value is not None}]}


REFUSALS: tuple[tuple[Mapping[str, Any], str], ...] = (
    # keys
    ({"appId": ""}, "You must provide an appId!"),
    ({"masterKey": ""}, "You must provide a masterKey!"),
    ({"serverURL": ""}, "You must provide a serverURL!"),
    ({"readOnlyMasterKey": "master"}, "masterKey and readOnlyMasterKey should be different"),
    ({"maintenanceKey": "master"}, "masterKey and maintenanceKey should be different"),
    # account lockout
    *(
        (
            {"accountLockout": {"duration": duration, "threshold": 3}},
            "Account lockout duration should be greater than 0 and less than 100000",
        )
        for duration in (0, 100_000, -1, "5", None, True)
    ),
    *(
        (
            {"accountLockout": {"duration": 5, "threshold": threshold}},
            "Account lockout threshold should be an integer greater than 0 and less than 1000",
        )
        for threshold in (0, 1000, 1.5, "5", None)
    ),
    (
        {"accountLockout": {"duration": 5, "threshold": 5, "unlockOnPasswordReset": "yes"}},
        "Parse Server option accountLockout.unlockOnPasswordReset must be a boolean.",
    ),
    # password policy
    ({"passwordPolicy": {"maxPasswordAge": "1"}}, "passwordPolicy.maxPasswordAge must be a positive number"),
    ({"passwordPolicy": {"maxPasswordAge": -1}}, "passwordPolicy.maxPasswordAge must be a positive number"),
    (
        {"passwordPolicy": {"resetTokenValidityDuration": 0}},
        "passwordPolicy.resetTokenValidityDuration must be a positive number",
    ),
    (
        {"passwordPolicy": {"validatorPattern": 1}},
        "passwordPolicy.validatorPattern must be a regex string or RegExp object.",
    ),
    ({"passwordPolicy": {"validatorCallback": 1}}, "passwordPolicy.validatorCallback must be a function."),
    ({"passwordPolicy": {"doNotAllowUsername": "x"}}, "passwordPolicy.doNotAllowUsername must be a boolean value."),
    (
        {"passwordPolicy": {"maxPasswordHistory": 21}},
        "passwordPolicy.maxPasswordHistory must be an integer ranging 0 - 20",
    ),
    (
        {"passwordPolicy": {"maxPasswordHistory": "5"}},
        "passwordPolicy.maxPasswordHistory must be an integer ranging 0 - 20",
    ),
    ({"passwordPolicy": {"resetTokenReuseIfValid": []}}, "resetTokenReuseIfValid must be a boolean value"),
    (
        {"passwordPolicy": {"resetTokenReuseIfValid": True}},
        "You cannot use resetTokenReuseIfValid without resetTokenValidityDuration",
    ),
    (
        {"passwordPolicy": {"resetPasswordSuccessOnInvalidEmail": []}},
        "resetPasswordSuccessOnInvalidEmail must be a boolean value",
    ),
    # files
    ({"fileUpload": None}, "fileUpload must be an object value."),
    ({"fileUpload": 1}, "fileUpload must be an object value."),
    *(
        ({group: {flag: "yes"}}, f"{group}.{flag} must be a boolean value.")
        for group in ("fileUpload", "fileDownload")
        for flag in ("enableForPublic", "enableForAnonymousUser", "enableForAuthenticatedUser")
    ),
    ({"fileUpload": {"fileExtensions": "png"}}, "fileUpload.fileExtensions must be an array."),
    ({"fileUpload": {"allowedFileUrlDomains": "*"}}, "fileUpload.allowedFileUrlDomains must be an array."),
    (
        {"fileUpload": {"allowedFileUrlDomains": [""]}},
        "fileUpload.allowedFileUrlDomains must contain only non-empty strings.",
    ),
    ({"fileDownload": 1}, "fileDownload must be an object value."),
    ({"maxUploadSize": "20 apples"}, "Parse Server option maxUploadSize must be a size such as 20mb."),
    # booleans
    ({"revokeSessionOnPasswordReset": "x"}, "revokeSessionOnPasswordReset must be a boolean value"),
    ({"extendSessionOnUse": "x"}, "extendSessionOnUse must be a boolean value"),
    *(
        ({name: "non-boolean"}, f"Parse Server option {name} must be a boolean.")
        for name in (
            "enforcePrivateUsers",
            "enableInsecureAuthAdapters",
            "allowExpiredAuthDataToken",
            "allowClientClassCreation",
        )
    ),
    # URLs
    (
        {"publicServerURL": "foo"},
        "The option publicServerURL must be a valid URL starting with http:// or https://.",
    ),
    ({"publicServerURL": 5}, "The option publicServerURL must be a string or function, but got number."),
    ({"publicServerURL": True}, "The option publicServerURL must be a string or function, but got boolean."),
    ({"publicServerURL": ["x"]}, "The option publicServerURL must be a string or function, but got object."),
    # sessions
    ({"sessionLength": "x"}, "Session length must be a valid number."),
    ({"sessionLength": 0}, "Session length must be a value greater than 0."),
    ({"sessionLength": "-33"}, "Session length must be a value greater than 0."),
    # addresses
    *(
        ({name: [text]}, f'The Parse Server option "{name}" contains an invalid IP address "{text}".')
        for name in ("masterKeyIps", "readOnlyMasterKeyIps", "maintenanceKeyIps")
        for text in ("not-an-ip", "1.2.3.4/99", "::/129", "1.2.3")
    ),
    # limits
    ({"defaultLimit": "a"}, "Default limit must be a number."),
    ({"defaultLimit": -1}, "Default limit must be a value greater than 0."),
    ({"maxLimit": 0}, "Max limit must be a value greater than 0."),
    # headers
    ({"allowHeaders": "not an array"}, "Allow headers must be an array"),
    ({"allowHeaders": [1]}, "Allow headers must only contain strings"),
    ({"allowHeaders": [" "]}, "Allow headers must not contain empty strings"),
    # idempotency
    ({"idempotencyOptions": {"ttl": 0}}, "idempotency TTL value must be greater than 0 seconds"),
    ({"idempotencyOptions": {"ttl": "a"}}, "idempotency TTL value must be a number"),
    ({"idempotencyOptions": {"paths": "a"}}, "idempotency paths must be of an array of strings"),
    # pages
    ({"pages": "x"}, "Parse Server option pages must be an object."),
    ({"pages": None}, "Parse Server option pages must be an object."),
    ({"pages": {"forceRedirect": 0}}, "Parse Server option pages.forceRedirect must be a boolean."),
    ({"pages": {"pagesEndpoint": 0}}, "Parse Server option pages.pagesEndpoint must be a string."),
    ({"pages": {"customRoutes": {}}}, "Parse Server option pages.customRoutes must be an array."),
    ({"pages": {"customUrls": 0}}, "Parse Server option pages.customUrls must be an object."),
    ({"pages": {"placeholders": 0}}, "Parse Server option pages.placeholders must be an object or a function."),
    ({"customPages": "x"}, "Parse Server option customPages must be an object."),
    # security, schema
    ({"security": []}, "Parse Server option security must be an object."),
    ({"security": {"enableCheck": "x"}}, "Parse Server option security.enableCheck must be a boolean."),
    ({"schema": []}, "Parse Server option schema must be an object."),
    ({"schema": {"definitions": {}}}, "Parse Server option schema.definitions must be an array."),
    ({"schema": {"strict": 1}}, "Parse Server option schema.strict must be a boolean."),
    ({"schema": {"beforeMigration": 1}}, "Parse Server option schema.beforeMigration must be a function."),
    # access
    ({"requestKeywordDenylist": {}}, "Parse Server option requestKeywordDenylist must be an array."),
    ({"requestKeywordDenylist": None}, "Parse Server option requestKeywordDenylist must be an array."),
    ({"rateLimit": "x"}, "rateLimit must be an array or object"),
    ({"rateLimit": ["x"]}, "rateLimit must be an array of objects"),
    (limit(requestPath=None), "rateLimit.requestPath must be defined"),
    (limit(requestPath=5), "rateLimit.requestPath must be a string"),
    (limit(requestPath="*"), 'rateLimit.requestPath "*" is not valid: Missing parameter name at index 1'),
    (limit(requestTimeWindow=None), "rateLimit.requestTimeWindow must be defined"),
    (limit(requestTimeWindow="1"), "rateLimit.requestTimeWindow must be a number"),
    (limit(requestCount=None), "rateLimit.requestCount must be defined"),
    (limit(requestCount="1"), "rateLimit.requestCount must be a number"),
    (limit(includeInternalRequests="x"), "rateLimit.includeInternalRequests must be a boolean"),
    (limit(errorResponseMessage=1), "rateLimit.errorResponseMessage must be a string"),
    (limit(zone="abc"), "rateLimit.zone must be one of global, session, user, or ip"),
    (limit(abc=1), 'Invalid rate limit option "abc"'),
    ({"requestComplexity": "x"}, "requestComplexity must be an object."),
    ({"requestComplexity": {"x": 1}}, "requestComplexity contains unknown property 'x'."),
    *(
        (
            {"requestComplexity": {"queryDepth": depth}},
            "requestComplexity.queryDepth must be a positive integer or -1 to disable.",
        )
        for depth in (0, -2, 1.5, "10", True)
    ),
    ({"requestComplexity": {"allowRegex": 1}}, "requestComplexity.allowRegex must be a boolean."),
    ({"routeAllowList": "x"}, "Parse Server option routeAllowList must be an array of strings."),
    ({"routeAllowList": [1]}, "Parse Server option routeAllowList contains a non-string value."),
    (
        {"routeAllowList": ["(x"]},
        'Parse Server option routeAllowList contains an invalid regex pattern: "(x".',
    ),
    # logging, database
    ({"logLevels": {"triggerAfter": "x"}}, f"'triggerAfter' must be one of {LEVELS}"),
    ({"databaseOptions": 1}, "databaseOptions must be an object"),
    ({"databaseOptions": {"enableSchemaHooks": 1}}, "databaseOptions.enableSchemaHooks must be a boolean"),
    ({"databaseOptions": {"schemaCacheTtl": "1"}}, "databaseOptions.schemaCacheTtl must be a number"),
    (
        {"databaseOptions": {"allowPublicExplain": 1}},
        "Parse Server option 'databaseOptions.allowPublicExplain' must be a boolean.",
    ),
    (
        {"databaseURI": "mongodb://localhost/parse"},
        "databaseURI names a MongoDB server; this server stores objects in PostgreSQL (postgres://…).",
    ),
    (
        {"databaseAdapter": {}, "databaseURI": "postgres://x", "filesAdapter": {}},
        "You cannot specify both a databaseAdapter and a databaseURI/databaseOptions/collectionPrefix.",
    ),
    (
        {"databaseAdapter": {}},
        "When using an explicit database adapter, you must also use an explicit filesAdapter.",
    ),
    # live queries, installations, Cloud Code, providers
    ({"liveQuery": {"regexTimeout": "1"}}, "liveQuery.regexTimeout must be a number"),
    ({"liveQuery": {"classNames": "Post"}}, "liveQuery.classes should be an array of string"),
    ({"installation": None}, "installation must be an object."),
    ({"installation": {"x": 1}}, "installation contains unknown property 'x'."),
    (
        {"installation": {"duplicateDeviceTokenActionEnforceAuth": 1}},
        "installation.duplicateDeviceTokenActionEnforceAuth must be a boolean.",
    ),
    (
        {"installation": {"duplicateDeviceTokenAction": "x"}},
        "installation.duplicateDeviceTokenAction must be one of: 'delete', 'update'.",
    ),
    (
        {"installation": {"duplicateDeviceTokenMergePriority": "x"}},
        "installation.duplicateDeviceTokenMergePriority must be one of: 'deviceToken', 'installationId'.",
    ),
    ({"cloud": 5}, "argument 'cloud' must either be a string or a function"),
    ({"requestContextMiddleware": 5}, "requestContextMiddleware must be a function"),
    ({"auth": {"my-provider": {}}}, 'Parse Server option auth contains an invalid provider name "my-provider".'),
    # mails
    (
        {**MAIL, "verifyUserEmails": True, "emailAdapter": None},
        "An emailAdapter is required for e-mail verification and password resets.",
    ),
    (
        {**MAIL, "verifyUserEmails": True, "appName": None},
        "An app name is required for e-mail verification and password resets.",
    ),
    ({**MAIL, "verifyUserEmails": True, "publicServerURL": None}, "The option publicServerURL is required."),
    (
        {**MAIL, "verifyUserEmails": True, "emailVerifyTokenValidityDuration": "x"},
        "Email verify token validity duration must be a valid number.",
    ),
    (
        {**MAIL, "verifyUserEmails": True, "emailVerifyTokenValidityDuration": -1},
        "Email verify token validity duration must be a value greater than 0.",
    ),
    (
        {**MAIL, "verifyUserEmails": True, "emailVerifyTokenReuseIfValid": 1},
        "emailVerifyTokenReuseIfValid must be a boolean value",
    ),
    (
        {**MAIL, "verifyUserEmails": True, "emailVerifyTokenReuseIfValid": True},
        "You cannot use emailVerifyTokenReuseIfValid without emailVerifyTokenValidityDuration",
    ),
    (
        {**MAIL, "verifyUserEmails": True, "emailVerifySuccessOnInvalidEmail": 1},
        "emailVerifySuccessOnInvalidEmail must be a boolean value",
    ),
)
