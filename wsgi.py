"""The entry: `gunicorn wsgi:app`, `flask --app wsgi …`, or `python wsgi.py` to serve with sockets."""

import os

if os.environ.get("ASYNC_MODE") == "gevent":
    from gevent import monkey

    monkey.patch_all()

from app import create_app

app = create_app()

if __name__ == "__main__":
    from app.serve import serve

    serve(app)
