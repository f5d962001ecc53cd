# One image for web, worker, scheduler and commands; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.runtime.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 kodala \
    && useradd --uid 10001 --gid kodala --no-create-home --home-dir /srv/kodala --shell /usr/sbin/nologin kodala
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KODALA_VAR=/srv/kodala/var
WORKDIR /srv/kodala
COPY manage.py ./
COPY kodala/ kodala/
COPY microcells/ microcells/
COPY typology/ typology/
COPY seniors/ seniors/
COPY templates/ templates/
COPY static/ static/
# The key only satisfies the settings while files are collected and the loops of bundling are compiled; the
# running parts get their own. On a processor of another kind the worker compiles the loops anew at first use.
# A volume takes owner and mode of the folder it is mounted on, so the folders are made here.
RUN KODALA_SECRET_KEY=only-while-building python manage.py collectstatic --noinput \
    && python -m compileall -q kodala microcells typology seniors \
    && KODALA_SECRET_KEY=only-while-building python -m microcells.compiling \
    && mkdir -p var/media/incoming var/services \
    && chown -R kodala:kodala var/media var/services var/numba
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "kodala.wsgi:application", "-b", "0.0.0.0:8000", "-w", "2", "-k", "gthread", "--threads", "4", \
     "--preload", "--no-control-socket", "--log-level", "warning"]
