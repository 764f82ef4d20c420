# One image for web, worker, beat and migrations.

FROM node:22-slim AS frontend
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
# Vocabulary and rules that both sides read.
COPY annotation/labels/ /app/annotation/labels/
RUN npm run build

FROM python:3.11-slim AS packages
WORKDIR /app
COPY requirements/bootstrap.txt requirements/base.txt requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python --require-hashes \
        -r requirements/base.txt \
    && /opt/venv/bin/uv pip uninstall --python /opt/venv/bin/python uv pip setuptools

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    STATIC_ROOT=/app/collected \
    TOUCHLINE_DATA_DIR=/var/lib/touchline \
    TOUCHLINE_RUN_FILE=/dev/null
# A volume that is mounted there takes over the folder's owner.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin touchline \
    && install -d -o touchline -g touchline -m 700 /var/lib/touchline
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY config/ config/
COPY episodes/ episodes/
COPY annotation/ annotation/
COPY review/ review/
COPY frontend/ frontend/
COPY deploy/ deploy/
COPY demo/ demo/
COPY --from=frontend /app/frontend/static/build frontend/static/build
RUN SECRET_KEY=only-while-building DATABASE_URL=postgresql://none@none/none \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q config episodes annotation review frontend
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "deploy/gunicorn.conf.py"]
