//! A file that other programs read with SQL: a GeoPackage 1.3 (OGC 12-128r18) of one layer.
//!
//! Owns: its tables. Refuses: to know what the layer means. The file lives in a folder of its own that only this process reads,
//! and is gone when this returns.

use std::io;

use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Sqlite};
use thiserror::Error;

/// Why there is no file.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The folder of temporary files.
    #[error("the temporary file can not be used: {0}")]
    File(#[from] io::Error),
    /// SQLite.
    #[error("the package can not be written: {0}")]
    Database(#[from] sqlx::Error),
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    /// Text.
    Text,
    /// A number.
    Real,
    /// 0 or 1.
    Bool,
    /// A moment as text, UTC.
    Time,
}

impl SqlType {
    fn word(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Real => "REAL",
            Self::Bool => "BOOLEAN",
            Self::Time => "DATETIME",
        }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlValue {
    /// None.
    Null,
    /// Text.
    Text(String),
    /// A number.
    Real(f64),
    /// A whole number.
    Int(i64),
}

/// A column of the layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its type.
    pub ty: SqlType,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Name of the table.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// A sentence about it.
    pub description: String,
    /// `POINT`, `MULTILINESTRING` or `GEOMETRY`.
    pub geometry: &'static str,
    /// West, south, east, north in degrees, if anything has a place.
    pub bounds: Option<[f64; 4]>,
    /// When it was made, as text, UTC.
    pub changed: String,
    /// Columns.
    pub fields: Vec<Field>,
    /// A geometry in the bytes of the format and a value for each column.
    pub rows: Vec<(Option<Vec<u8>>, Vec<SqlValue>)>,
}

/// `GPKG` as the number that marks the file, and the version 1.3.
const HEAD: &str = "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;";
const TABLES: &str = "
    CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
        organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
        description TEXT);
    CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
        min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
        CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
    CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
        geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
        CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
    CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
        definition TEXT NOT NULL, scope TEXT NOT NULL,
        CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
    CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
        description TEXT, mime_type TEXT, constraint_name TEXT,
        CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
    INSERT INTO gpkg_spatial_ref_sys VALUES
        ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude and latitude on the WGS 84 spheroid'),
        ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined cartesian coordinate reference system'),
        ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
    INSERT INTO gpkg_extensions VALUES
        ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec130/#extension_schema', 'read-write');";
const CONTENTS: &str = "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, 4326)";
const GEOMETRY: &str = "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)";
const TITLE: &str = "INSERT INTO gpkg_data_columns (table_name, column_name, title) VALUES (?, ?, ?)";

/// Writes a package of one layer.
///
/// # Errors
/// [`PackageError`].
pub async fn write(layer: &Layer) -> Result<Vec<u8>, PackageError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger.gpkg");
    let options =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).synchronous(SqliteSynchronous::Off);
    let mut file = SqliteConnection::connect_with(&options).await?;
    sqlx::raw_sql(HEAD).execute(&mut file).await?;
    let mut tx = file.begin().await?;
    sqlx::raw_sql(TABLES).execute(&mut *tx).await?;
    fill(&mut tx, layer).await?;
    tx.commit().await?;
    file.close().await?;
    Ok(tokio::fs::read(&path).await?)
}

async fn fill(file: &mut SqliteConnection, layer: &Layer) -> Result<(), sqlx::Error> {
    let (table, fields) = (quoted(&layer.name), &layer.fields);
    let columns: String = fields.iter().map(|field| format!(", {} {}", quoted(&field.name), field.ty.word())).collect();
    let create = format!(
        "CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {}{columns})",
        layer.geometry
    );
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *file).await?;
    let mut contents =
        sqlx::query(CONTENTS).bind(&layer.name).bind(&layer.title).bind(&layer.description).bind(&layer.changed);
    for end in 0..4 {
        contents = contents.bind(layer.bounds.map(|bounds| bounds[end]));
    }
    contents.execute(&mut *file).await?;
    sqlx::query(GEOMETRY).bind(&layer.name).bind(layer.geometry).execute(&mut *file).await?;
    for field in fields {
        sqlx::query(TITLE).bind(&layer.name).bind(&field.name).bind(&field.title).execute(&mut *file).await?;
    }
    let names: String = fields.iter().map(|field| format!(", {}", quoted(&field.name))).collect();
    let insert = format!("INSERT INTO {table} (geom{names}) VALUES (?{})", ", ?".repeat(fields.len()));
    for (geometry, values) in &layer.rows {
        let query = sqlx::query::<Sqlite>(AssertSqlSafe(insert.as_str().to_owned())).bind(geometry.as_deref());
        values.iter().fold(query, bind).execute(&mut *file).await?;
    }
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

fn bind<'q>(query: Query<'q>, value: &'q SqlValue) -> Query<'q> {
    match value {
        SqlValue::Null => query.bind(None::<&str>),
        SqlValue::Text(text) => query.bind(text),
        SqlValue::Real(number) => query.bind(number),
        SqlValue::Int(number) => query.bind(number),
    }
}

/// A name as SQL takes any name.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
