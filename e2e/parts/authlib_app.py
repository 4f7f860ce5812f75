"""A Flask application that signs people in by Authlib, as Authlib's guide has
it: /usr/bin/python3 authlib_app.py <port> <issuer> <client id> <client secret>."""
import sys
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session

port, issuer, client_id, client_secret = sys.argv[1:]
site = f"http://localhost:{port}"
app = Flask(__name__)
app.secret_key = "of the notes"
oauth = OAuth(app)
oauth.register(
    "gatehouse",
    client_id=client_id,
    client_secret=client_secret,
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email offline_access",
        "code_challenge_method": "S256",
    },
)


def token():
    return {"access_token": session["access"], "token_type": "Bearer"}


@app.get("/")
def home():
    return f"<h1>{session.get('hello', 'Nobody')}</h1>"


@app.get("/login")
def login():
    return oauth.gatehouse.authorize_redirect(f"{site}/callback")


@app.get("/callback")
def callback():
    got = oauth.gatehouse.authorize_access_token()  # checks state, ID token and nonce
    who = oauth.gatehouse.userinfo(token=got)
    if who["sub"] != got["userinfo"]["sub"]:
        return "<h1>somebody else</h1>", 500
    session["hello"] = f"Hello {who['name']}, {who['email']}"
    session["access"], session["refresh"] = got["access_token"], got["refresh_token"]
    session["id_token"] = got["id_token"]
    return redirect("/")


@app.get("/renew")
def renew():
    got = oauth.gatehouse.fetch_access_token(
        grant_type="refresh_token", refresh_token=session["refresh"]
    )
    same = got["access_token"] == session["access"]
    session["access"] = got["access_token"]
    session["refresh"] = got.get("refresh_token", session["refresh"])
    return f"<h1>{'The same' if same else 'Renewed'}</h1>"


@app.get("/introspect")
def introspect():
    meta = oauth.gatehouse.load_server_metadata()
    with oauth.gatehouse._get_oauth_client(**meta) as client:
        known = client.introspect_token(
            meta["introspection_endpoint"], session["access"]
        ).json()
    return f"<h1>{known['active']} {known.get('scope', '')}</h1>"


@app.get("/userinfo")
def userinfo():
    got = oauth.gatehouse.get(
        oauth.gatehouse.load_server_metadata()["userinfo_endpoint"], token=token()
    )
    return f"<h1>{got.status_code}</h1>"


@app.get("/logout")
def logout():
    meta = oauth.gatehouse.load_server_metadata()
    hint = session.pop("id_token")
    session.pop("hello")
    asked = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": f"{site}/"})
    return redirect(f"{meta['end_session_endpoint']}?{asked}")


app.run("127.0.0.1", int(port))
