package org.reimagen.rating;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.reimagen.core.ReImagenException;

/**
 * The answers of all raters in one SQLite file. An answer is on the disk when {@link #put} returns: write-ahead log,
 * {@code synchronous = FULL}.
 *
 * <p><b>Owns</b>: a connection. <b>Thread-safety</b>: safe. <b>Throws</b> {@link ReImagenException} naming the file.
 */
public final class RatingStore implements AutoCloseable {
    private static final int SCHEMA = 1;
    private static final int BUSY_MILLIS = 5000;
    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS answers (
              rater TEXT NOT NULL, picture TEXT NOT NULL, sha256 TEXT NOT NULL, question TEXT NOT NULL,
              verdict TEXT NOT NULL CHECK (verdict IN ('yes', 'no', 'unsure')),
              at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
              PRIMARY KEY (rater, picture, question)) STRICT
            """;

    private final Path file;
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();

    private RatingStore(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Opens the file, which is made if it is not there.
     *
     * @throws ReImagenException if it is no SQLite file, or one of another program or a later version
     */
    public static RatingStore open(Path file) {
        SqliteLibrary.prepare();
        try {
            Path absolute = file.toAbsolutePath();
            if (absolute.getParent() != null) {
                Files.createDirectories(absolute.getParent());
            }
            Connection connection = DriverManager.getConnection("jdbc:sqlite:" + absolute);
            try {
                prepare(file, connection);
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
            return new RatingStore(file, connection);
        } catch (SQLException | IOException e) {
            throw failure(file, e);
        }
    }

    private static void prepare(Path file, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                version = row.getInt(1);
            }
            if (version > SCHEMA) {
                throw new ReImagenException(file + ": was written by a later version of this program");
            }
            statement.execute(TABLE);
            statement.execute("PRAGMA user_version = " + SCHEMA);
        }
    }

    private static ReImagenException failure(Path file, Exception e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new ReImagenException(file + ": cannot be used for ratings: " + message, e);
    }

    /** What one call does with the connection. */
    @FunctionalInterface
    private interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private <T> T run(Work<T> work) {
        lock.lock();
        try {
            return work.with(connection);
        } catch (SQLException e) {
            throw failure(file, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps an answer, in place of an earlier one of this rater to this question.
     *
     * @param sha256 of the drawing's file, so that an answer is never taken for one about another drawing of the same name
     */
    public void put(Answer answer, String sha256) {
        run(c -> {
            try (PreparedStatement insert = c.prepareStatement(
                    "INSERT OR REPLACE INTO answers (rater, picture, sha256, question, verdict) VALUES (?, ?, ?, ?, ?)")) {
                insert.setString(1, answer.rater());
                insert.setString(2, answer.picture());
                insert.setString(3, sha256);
                insert.setString(4, answer.question().word());
                insert.setString(5, answer.verdict().word());
                return insert.executeUpdate();
            }
        });
    }

    /** Takes an answer back; nothing happens if there is none. */
    public void remove(String rater, String picture, Question question) {
        run(c -> {
            try (PreparedStatement delete =
                    c.prepareStatement("DELETE FROM answers WHERE rater = ? AND picture = ? AND question = ?")) {
                delete.setString(1, rater);
                delete.setString(2, picture);
                delete.setString(3, question.word());
                return delete.executeUpdate();
            }
        });
    }

    /** All answers, ordered by rater, picture and question. */
    public List<Answer> answers() {
        return run(c -> {
            try (Statement select = c.createStatement();
                    ResultSet rows = select.executeQuery("SELECT rater, picture, question, verdict FROM answers"
                            + " ORDER BY rater, picture, question DESC")) {
                List<Answer> answers = new ArrayList<>();
                while (rows.next()) {
                    answers.add(new Answer(
                            rows.getString(1),
                            rows.getString(2),
                            Question.valueOf(rows.getString(3).toUpperCase(Locale.ROOT)),
                            Verdict.valueOf(rows.getString(4).toUpperCase(Locale.ROOT))));
                }
                return answers;
            }
        });
    }

    /** The answers of one rater. */
    public List<Answer> answers(String rater) {
        return answers().stream().filter(a -> a.rater().equals(rater)).toList();
    }

    /**
     * Checks that no answer is about a drawing that has changed since.
     *
     * @throws ReImagenException naming the drawing
     */
    public void check(String picture, String sha256) {
        boolean other = run(c -> {
            try (PreparedStatement select =
                    c.prepareStatement("SELECT 1 FROM answers WHERE picture = ? AND sha256 <> ? LIMIT 1")) {
                select.setString(1, picture);
                select.setString(2, sha256);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next();
                }
            }
        });
        if (other) {
            throw new ReImagenException(file + ": holds answers about an earlier " + picture
                    + "; name another file by --ratings, or bring the drawing back");
        }
    }

    @Override
    public void close() {
        run(c -> {
            c.close();
            return true;
        });
    }
}
