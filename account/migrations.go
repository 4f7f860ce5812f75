package account

import "github.com/gatehouse-auth/gatehouse/store"

// Migrations are the tables of this package, in order.
//
// used_names only ever grows: a name that was given out once is never given
// to anybody else, and a house that ever had an account needs no setup. The
// partial index keeps the search for a stand-in hash short where nearly
// everybody comes from a provider and has no password.
func Migrations() []store.Migration {
	return []store.Migration{
		{ID: "account/0001", SQL: `
CREATE TABLE accounts (
	subject        TEXT   NOT NULL PRIMARY KEY,
	username       TEXT   NOT NULL UNIQUE,
	name           TEXT   NOT NULL,
	email          TEXT   NOT NULL,
	email_verified BIGINT NOT NULL,
	password       TEXT   NOT NULL,
	disabled       BIGINT NOT NULL,
	withdrawn      BIGINT NOT NULL,
	admin          BIGINT NOT NULL,
	origin         TEXT   NOT NULL,
	created        BIGINT NOT NULL,
	changed        BIGINT NOT NULL,
	last_login     BIGINT NOT NULL
);
CREATE INDEX accounts_with_password ON accounts (subject) WHERE password <> '';
CREATE TABLE used_names (
	username TEXT   NOT NULL PRIMARY KEY,
	subject  TEXT   NOT NULL,
	since    BIGINT NOT NULL
);`},
		{ID: "account/0002", SQL: `
CREATE TABLE account_groups (
	subject TEXT NOT NULL,
	source  TEXT NOT NULL,
	name    TEXT NOT NULL,
	PRIMARY KEY (subject, source, name)
);`},
		{ID: "account/0003", SQL: `
CREATE TABLE provider_links (
	provider TEXT   NOT NULL,
	external TEXT   NOT NULL,
	subject  TEXT   NOT NULL,
	since    BIGINT NOT NULL,
	PRIMARY KEY (provider, external)
);
CREATE INDEX provider_links_subject ON provider_links (subject);`},
		{ID: "account/0004", SQL: `
CREATE TABLE setup_links (
	hash    TEXT   NOT NULL PRIMARY KEY,
	expires BIGINT NOT NULL
);`},
	}
}
