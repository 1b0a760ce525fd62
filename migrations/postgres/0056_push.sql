-- Where a browser is told of news while no page of Sideline is open in it. It ends with the session in which it was switched on.
CREATE TABLE push_subscriptions (
    session_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    endpoint TEXT COLLATE "C" NOT NULL,
    p256dh TEXT COLLATE "C" NOT NULL,
    auth TEXT COLLATE "C" NOT NULL,
    alerts BIGINT NOT NULL,
    quiet_from TEXT COLLATE "C" NOT NULL,
    quiet_until TEXT COLLATE "C" NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL
);
CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id);
CREATE INDEX push_subscriptions_endpoint ON push_subscriptions (endpoint);
CREATE INDEX push_subscriptions_alerts ON push_subscriptions (user_id) WHERE alerts = 1;
